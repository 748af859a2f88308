"""`python -m servers -- COMMAND` runs a command with DATABASE_URL and REDIS_URL of a fresh pair.

Both servers are stopped and deleted when the command ends.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from servers import database_and_layer, warden


def terminal_signals_us() -> bool:
    """Say whether a Ctrl-C reaches us and the command without our help: it reaches everyone in the terminal's
    foreground group."""
    try:
        with Path("/dev/tty").open() as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


class Command:
    """A child that hears the signals we get; one that comes while the servers start is heard after that."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.child: subprocess.Popen[bytes] | None = None
        self.early_signal: int | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.hear)

    def hear(self, number: int, _frame: object) -> None:
        if self.child is None:
            self.early_signal = number
        elif not (number == signal.SIGINT and terminal_signals_us()):
            self.child.send_signal(number)

    def run(self, environment: Mapping[str, str]) -> int:
        """Run the command. Returns its exit code, as a shell would give it."""
        if self.early_signal:
            return 128 + self.early_signal
        try:
            self.child = subprocess.Popen(self.arguments, env=os.environ | environment)
        except OSError as error:
            print(f"carillon: {self.arguments[0]} does not start: {error.strerror}", file=sys.stderr)
            return 127
        warden.watch(self.child.pid)
        code = self.child.wait()
        warden.release(self.child.pid)
        return 128 - code if code < 0 else code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m servers", description=__doc__)
    parser.add_argument(
        "--test-workers", type=int, default=0, help="give each of so many pytest workers a Redis"
    )
    parser.add_argument(
        "--partitioned", type=int, default=0, metavar="PARTS", help="split the tables of test databases"
    )
    parser.add_argument("command", nargs="+", help="what to run, after a --")
    options = parser.parse_args()
    command = Command(options.command)
    with database_and_layer(options.test_workers) as environment:
        return command.run(environment | {"PARTITIONED": str(options.partitioned or "")})


if __name__ == "__main__":
    sys.exit(main())
