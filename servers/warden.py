"""Ends the processes of a test run that was killed. The run holds a pipe to a small process of its own session; when
the pipe closes, whoever was named in it and not taken back is killed: `+7` a process, `+-7` a whole group."""

import atexit
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache


def watch(number: int) -> None:
    """Watch a process id; negative, the id of a group, as for `kill`."""
    os.write(_pipe(), b"+%d\n" % number)


def release(number: int) -> None:
    os.write(_pipe(), b"-%d\n" % number)


@cache
def _pipe() -> int:
    command = [sys.executable, "-I", "-S", __file__]
    # Whoever kills the run's own session or group does not reach it.
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    assert process.stdin
    atexit.register(process.communicate)  # until then the pipe stays open
    return process.stdin.fileno()


def main() -> None:
    watched = set[int]()
    for line in sys.stdin:
        change = watched.add if line[0] == "+" else watched.discard
        change(int(line[1:]))
    for number in watched:
        with suppress(OSError):
            os.kill(number, signal.SIGKILL)


if __name__ == "__main__":
    main()
