"""What runs beside the loop in threads of its own, wherever followers run: it waits for the outside, and nobody waits
for it. An app registers it in `AppConfig.ready`."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

LONGEST_STOP = 5.0  # seconds; what is under way then is done again by another


class Worker(Protocol):
    """Works in `threads` threads until it is stopped, from any thread, and goes on whatever fails."""

    threads: int

    def run(self) -> None: ...

    def stop(self) -> None: ...


BESIDE: dict[str, Callable[[], Worker]] = {}


def register(name: str, make: Callable[[], Worker]) -> None:
    BESIDE[name] = make


class Beside:
    """All of them in this process."""

    def __init__(self) -> None:
        self._workers = {name: make() for name, make in BESIDE.items()}
        # Daemons: a process that is told to end at once does so.
        self._threads = [
            threading.Thread(target=worker.run, name=name, daemon=True)
            for name, worker in self._workers.items()
            for _ in range(worker.threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Tell them to stop."""
        for worker in self._workers.values():
            worker.stop()

    def join(self) -> None:
        """Wait a moment until they have."""
        ends = time.monotonic() + LONGEST_STOP
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, ends - time.monotonic()))
