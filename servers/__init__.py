"""Real PostgreSQL, Redis and Carillon servers on free loopback ports, child processes of the test run."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from servers.carillon import UvicornServer
from servers.postgres import Postgres, Standby
from servers.process import ServerProcess
from servers.redis import Redis
from servers.relay import Relay

__all__ = ["Postgres", "Redis", "Relay", "ServerProcess", "Standby", "UvicornServer", "database_and_layer"]


@contextmanager
def database_and_layer(test_workers: int = 0) -> Iterator[dict[str, str]]:
    """Start a fresh PostgreSQL and Redis; give the environment that points at them.

    Redis publishes across its numbered databases, so each worker of pytest-xdist gets a Redis of its own:
    REDIS_URL_GW0, REDIS_URL_GW1, ... (tests.settings picks).
    """
    names = ["REDIS_URL", *(f"REDIS_URL_GW{number}" for number in range(test_workers))]
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carillon-")))
        postgres = Postgres(directory)
        postgres.has_standby = True  # a test may start one
        if test_workers:  # plans that tests look at must not depend on when a table was last vacuumed
            postgres.unsafe_but_fast = (*postgres.unsafe_but_fast, "autovacuum=off")
        stack.enter_context(postgres)
        redis = {name: stack.enter_context(Redis(directory)).url for name in names}
        yield {"DATABASE_URL": postgres.url, **redis, "THROW_AWAY_SERVERS": "1"}
