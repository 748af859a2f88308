"""`python -m bench.faults [short] [ROW ...]` runs the fault matrix on servers of its own and prints the table.

The full form of all rows also writes docs/faults.md. Exit code 1 when a row does not hold.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from bench.faults.stage import DurablePostgres, Stage
from tests.servers import Redis


@contextmanager
def stage_of_our_own() -> Iterator[Stage]:
    """PostgreSQL and Redis for this run, and Django set up on them."""
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
            os.environ |= environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            scenes = directory / "scenes"
            scenes.mkdir()
            yield Stage(scenes, environment, redis, postgres)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="short|ROW", help="the short form; rows to run, else all")
    words: list[str] = parser.parse_args().words
    with stage_of_our_own() as stage:
        from bench.faults.matrix import run_matrix

        return run_matrix(stage, words)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
