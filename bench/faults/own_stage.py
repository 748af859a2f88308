"""A stage that lives as long as one command: PostgreSQL, Redis, and Django set up on them in this process."""

import logging
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from bench.faults.stage import DurablePostgres, Stage
from tests.servers import Redis


@contextmanager
def own_stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="carillon-faults-") as name:
        directory = Path(name)
        with DurablePostgres(directory) as postgres, Redis(directory) as redis:
            environment = {
                "SECRET_KEY": secrets.token_urlsafe(48),
                "DEBUG": "0",
                "HTTPS": "0",
                "ALLOWED_HOSTS": "127.0.0.1",
                "LOG_LEVEL": "INFO",
                "DATABASE_URL": postgres.url,
                "REDIS_URL": redis.url,
            }
            os.environ |= environment | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
            django.setup()
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # our own connections break as well
            _prepare()
            scenes = directory / "scenes"
            scenes.mkdir()
            yield Stage(scenes, environment, redis, postgres)


def _prepare() -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.close()


def run_on_own_stage(work: Callable[[Stage], int]) -> int:
    """The exit code. Whatever signal ends it, all servers are stopped first."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        with own_stage() as stage:
            return work(stage)
    except KeyboardInterrupt:
        return 130
