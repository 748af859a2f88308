"""A throw-away PostgreSQL and Redis, and Django set up on them in this process."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

from servers import Postgres, Redis


@dataclass(frozen=True)
class Ground:
    """`environment` is for servers that are to stand on it too."""

    directory: Path
    postgres: Postgres
    redis: Redis
    environment: dict[str, str]


@contextmanager
def ground(*, without_redis: bool = False) -> Iterator[Ground]:
    """`without_redis`: it runs, for those who need it, but nobody is told of it."""
    with (
        tempfile.TemporaryDirectory(prefix="carillon-bench-") as name,
        Postgres(Path(name)) as postgres,
        Redis(Path(name)) as redis,
    ):
        environment = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": "" if without_redis else redis.url,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "0",
            "DEBUG": "0",
        }
        os.environ |= environment | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
        django.setup()
        _migrate()
        yield Ground(Path(name), postgres, redis, environment)


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection

    from servers.partitions import parts_wanted, split

    call_command("migrate", verbosity=0)
    if parts_wanted():
        split(parts_wanted())
    connection.close()
