"""Real PostgreSQL, Redis and Carillon servers on free loopback ports, each a child process of the test run."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.carillon import UvicornServer
from tests.servers.postgres import Postgres
from tests.servers.process import ServerProcess
from tests.servers.redis import Redis

__all__ = ["Postgres", "Redis", "ServerProcess", "UvicornServer", "database_and_layer"]


@contextmanager
def database_and_layer() -> Iterator[dict[str, str]]:
    """A fresh PostgreSQL and Redis; gives the environment that points at them."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carillon-")))
        postgres = stack.enter_context(Postgres(directory))
        redis = stack.enter_context(Redis(directory))
        yield {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
