"""A server as a child process: started until it answers, stopped by its own process id, its log in a file."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from servers import warden

STEP = 0.02  # seconds between two looks at whether it answers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def package_directory(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec, f"{name} is not installed: run `make setup`"
    assert spec.origin
    return Path(spec.origin).parent


class ServerProcess:
    """Subclasses say how to start it on `self.port` and how to see that it is ready."""

    name: str
    stop_signal = signal.SIGTERM
    start_limit = 90.0
    stop_limit = 60.0

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log_path = directory / f"{self.name}.log"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def popen_options(self) -> dict[str, Any]:
        return {}

    @property
    def pid(self) -> int:
        assert self.process, f"{self.name} was never started"
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def start(self) -> Self:
        self._release()
        with self.log_path.open("ab") as log:
            # A session of its own: a Ctrl-C at the terminal reaches us alone, and we stop servers in order.
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.popen_options(),
            )
        warden.watch(-self.pid)
        try:
            self._wait_until_ready()
        except BaseException:
            print(self.log[-5000:], file=sys.stderr)
            self.kill()
            self._release()
            raise
        return self

    def _release(self) -> None:
        if self.process:
            warden.release(-self.pid)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.start_limit
        while True:
            assert self.process, f"{self.name} was never started"
            assert self.is_running, f"{self.name} ended at once with code {self.process.returncode}"
            if self.is_ready():
                return
            assert time.monotonic() < deadline, f"{self.name} does not answer on port {self.port}"
            time.sleep(STEP)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        """Ask it to stop, without waiting."""
        if self.is_running:
            os.kill(self.pid, self.stop_signal)

    def wait(self, limit: float | None = None) -> int:
        assert self.process, f"{self.name} was never started"
        return self.process.wait(limit or self.stop_limit)

    def stop(self) -> None:
        """Ask it to stop and see that it did; kill what does not listen."""
        self.terminate()
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End it by SIGKILL, its worker processes included: the power cut."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        try:
            if self.is_running:
                self.thaw()
                self.stop()
        finally:
            self._release()
