"""The first process of a machine, in place of systemd: starts its units, starts again what ended, and ends when whoever
started it does. Run by itself, with a file of units: it must need nothing of ours."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

STEP = 0.2  # seconds between two looks
PAUSE = 1.0  # seconds before what ended starts again
PATIENCE = 15.0  # seconds that a unit has to stop


class Supervised:
    """One unit: `name`, `command`, `user`, `environment`, `directory`."""

    def __init__(self, unit: dict[str, Any], folder: Path) -> None:
        self.unit, self.folder = unit, folder
        self.process: subprocess.Popen[bytes] | None = None
        self.due = 0.0

    def look(self) -> None:
        """Start it if it is due; see whether it has ended."""
        if self.process is None and time.monotonic() >= self.due:
            self._start()
        elif self.process and self.process.poll() is not None:
            self._say(f"{self.unit['name']} ended with code {self.process.returncode}")
            self._end_group()
            self.process, self.due = None, time.monotonic() + PAUSE

    def _start(self) -> None:
        unit = self.unit
        with (self.folder / f"{unit['name']}.log").open("ab") as log:
            self.process = subprocess.Popen(
                unit["command"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | unit["environment"],
                cwd=unit["directory"],
                start_new_session=True,
                **({"user": unit["user"], "group": unit["user"], "extra_groups": []} if unit["user"] else {}),
            )
        self._write_pid(str(self.process.pid))
        self._say(f"{unit['name']} started, process {self.process.pid}")

    def _write_pid(self, pid: str) -> None:
        path = self.folder / f"{self.unit['name']}.pid"
        path.with_suffix(".new").write_text(pid)
        path.with_suffix(".new").rename(path)

    def _end_group(self) -> None:
        """End what the unit left behind in its group, as a control group would be ended."""
        assert self.process
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def tell_to_stop(self) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                self.process.terminate()

    def await_end(self, deadline: float) -> None:
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(max(deadline - time.monotonic(), 0.0))
            self._end_group()

    def _say(self, words: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def main(path: Path) -> None:
    units = [Supervised(unit, path.parent) for unit in json.loads(path.read_text())]
    leave: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: leave.append(number))
    os.set_blocking(sys.stdin.fileno(), False)
    while not leave and sys.stdin.buffer.read() != b"":  # None while whoever started it holds the other end
        for unit in units:
            unit.look()
        time.sleep(STEP)
    deadline = time.monotonic() + PATIENCE
    for unit in reversed(units):
        unit.tell_to_stop()
    for unit in reversed(units):
        unit.await_end(deadline)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
