"""A stage that lives as long as one command."""

import logging
import signal
import sys
from collections.abc import Callable

from bench.faults.stage import Stage
from bench.ground import ground


def run_on_own_stage(work: Callable[[Stage], int]) -> int:
    """The exit code. Whatever signal ends it, all servers are stopped first."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        with ground() as own:
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # our own connections break as well
            scenes = own.directory / "scenes"
            scenes.mkdir()
            return work(Stage(scenes, own.environment | {"LOG_LEVEL": "INFO"}, own.redis, own.postgres))
    except KeyboardInterrupt:
        return 130
