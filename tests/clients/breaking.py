"""What is broken under the clients, one thing after the other."""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from servers import Relay, UvicornServer
from tests.clients.running import ClientProcess

REPLACED = "New workers are of"
REPLACING = 200.0  # seconds until they are, on a busy machine


class Faults:
    """Breaks one thing after the other until it is over. `done` counts them."""

    def __init__(self, server: UvicornServer, relay: Relay, clients: list[ClientProcess]) -> None:
        self.server, self.relay, self.clients = server, relay, clients
        self.done: Counter[str] = Counter()
        self._order = [self.cut, self.kill_worker, self.hang_up, self.cut, self.silence, self.kill_client,
                       self.cut, self.restart]  # fmt: skip

    def run(self, over: threading.Event, pause: float) -> None:
        while not over.wait(pause):
            fault = self._order[sum(self.done.values()) % len(self._order)]
            self.done[fault.__name__] += 1
            fault()

    def cut(self) -> None:
        self.relay.break_off()

    def silence(self) -> None:
        """Open ways swallow everything from now on; new ones lead to the server."""
        self.relay.swallow()
        self.relay.lead_to(self.server.port)

    def kill_worker(self) -> None:
        for pid in _children(self.server.pid)[:1]:
            os.kill(pid, signal.SIGKILL)

    def hang_up(self) -> None:
        """Replace the workers. The server hears nothing else until it has."""
        replaced = self.server.log.count(REPLACED)
        os.kill(self.server.pid, signal.SIGHUP)
        deadline = time.monotonic() + REPLACING
        while self.server.log.count(REPLACED) == replaced and time.monotonic() < deadline:
            time.sleep(0.2)

    def kill_client(self) -> None:
        client = random.choice(self.clients)
        client.kill()
        client.start()

    def restart(self) -> None:
        self.server.stop()
        self.server.start()


def _children(pid: int) -> list[int]:
    """Give the process ids of a server's workers."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and b"spawn_main" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found
