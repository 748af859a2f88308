"""`python -m bench.faults [short] [ROW ...]` runs the fault matrix on servers of its own and prints the table; a run of
all rows also writes docs/faults.md. `--soak SECONDS` runs the soak instead. Exit code 1 when it does not hold.
`--layer notify` runs them on the product alone, without Redis, and writes the section about that.
"""

import argparse
import logging
import signal
import sys

from bench.faults.stage import Stage
from bench.ground import ground


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="short|ROW", help="the short form; rows to run, else all")
    parser.add_argument("--layer", choices=["redis", "notify"], default="redis", help="what carries hints")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="how long")
    return parser.parse_args()


def main(asked: argparse.Namespace) -> int:
    """The exit code. Whatever signal ends it, all servers are stopped first."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with ground(without_redis=asked.layer == "notify") as own:
        # These need Django set up.
        from bench.faults.matrix import run_matrix
        from bench.faults.soak import run_soak

        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # our own connections break as well
        scenes = own.directory / "scenes"
        scenes.mkdir()
        stage = Stage(
            *(scenes, own.environment | {"LOG_LEVEL": "INFO"}, own.redis, own.postgres),
            is_on_redis=asked.layer == "redis",
        )
        return run_soak(stage, asked.soak) if asked.soak else run_matrix(stage, asked.words)


if __name__ == "__main__":
    try:
        sys.exit(main(options()))
    except KeyboardInterrupt:
        sys.exit(130)
