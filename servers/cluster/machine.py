"""A machine of the cluster: a place in the network, a folder, and the units that its supervisor keeps running."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from string import Template

from servers import warden
from servers.cluster import network, supervisor

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "deploy" / "cluster"
ACCOUNT = "postgres"  # of everything but the product; each has its own where it is installed by its package


@dataclass(frozen=True)
class Unit:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = ACCOUNT  # None: whoever runs the cluster
    directory: str = "/"


class Machine:
    """Off when it is made."""

    def __init__(self, directory: Path, name: str, number: int) -> None:
        self.name, self.folder = name, directory / name
        self.folder.mkdir()
        shutil.chown(self.folder, ACCOUNT)
        self.place = network.Place(name, number)
        self.address = self.place.address
        self.units: list[Unit] = []
        self._supervisor: subprocess.Popen[bytes] | None = None

    def write(self, template: str, values: dict[str, str], name: str = "") -> Path:
        """Fill in a file of deploy/cluster. Raises KeyError for a value that is missing."""
        text = Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)
        return self.keep(name or template, text)

    def keep(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        shutil.chown(path, ACCOUNT)
        return path

    def boot(self) -> None:
        path = self.folder / "units.json"
        path.write_text(json.dumps([asdict(unit) for unit in self.units]))
        path.chmod(0o600)
        self.place.plug_in()
        with (self.folder / "supervisor.log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [*self.place.entering(), sys.executable, "-I", "-S", supervisor.__file__, str(path)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        warden.watch(-self._supervisor.pid)

    def power_off(self) -> None:
        """End everything at once, without a word to anybody: the power cut."""
        self.place.unplug()
        network.end_processes(self.place.namespace)
        self._forget_supervisor()

    def shut_down(self) -> None:
        """Ask all units to stop; what does not is killed."""
        if self._supervisor:
            self._supervisor.terminate()

    def await_shut_down(self) -> None:
        if self._supervisor:
            with suppress(subprocess.TimeoutExpired):
                self._supervisor.wait(supervisor.PATIENCE + 5)
            self._forget_supervisor()

    def _forget_supervisor(self) -> None:
        if self._supervisor:
            if self._supervisor.stdin:
                self._supervisor.stdin.close()
            self._supervisor.wait()
            warden.release(-self._supervisor.pid)
            self._supervisor = None

    def status(self, port: int, path: str) -> int:
        """Ask one of its servers for a page. Returns the status; 0 without an answer."""
        connection = HTTPConnection(self.address, port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    # --- One unit ------------------------------------------------------------------------------------------

    def pid(self, unit: str) -> int:
        return int((self.folder / f"{unit}.pid").read_text())

    def log(self, unit: str) -> str:
        path = self.folder / f"{unit}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def signal(self, unit: str, number: signal.Signals) -> None:
        """Send a signal to the unit's main process."""
        os.kill(self.pid(unit), number)

    def kill(self, unit: str) -> int:
        """End the unit's main process by SIGKILL. Returns its process id."""
        pid = self.pid(unit)
        os.kill(pid, signal.SIGKILL)
        return pid

    def await_restart(self, unit: str, pid: int, limit: float) -> None:
        """Wait until the supervisor has started it again. Raises TimeoutError."""
        deadline = time.monotonic() + limit
        while self.pid(unit) == pid:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{unit} of {self.name} was not started again within {limit:g} s")
            time.sleep(0.05)
