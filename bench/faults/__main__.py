"""`python -m bench.faults [short] [ROW ...]` runs the fault matrix on servers of its own and prints the table; a run of
all rows also writes docs/faults.md. `--soak SECONDS` runs the soak instead. Exit code 1 when it does not hold.
"""

import argparse
import sys

from bench.faults.own_stage import run_on_own_stage
from bench.faults.stage import Stage


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="short|ROW", help="the short form; rows to run, else all")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="how long")
    return parser.parse_args()


def main(stage: Stage) -> int:
    # These need Django set up, which the stage has done.
    from bench.faults.matrix import run_matrix
    from bench.faults.soak import run_soak

    return run_soak(stage, asked.soak) if asked.soak else run_matrix(stage, asked.words)


if __name__ == "__main__":
    asked = options()
    sys.exit(run_on_own_stage(main))
