"""The usual few lines for a socket that has no cursor: it comes back and shows what comes."""

import time

from bench.faults.client import PING, Client, Heard
from bench.faults.history import Connected


class PlainClient(Client):
    """It shows every frame, and when the socket closes it opens another."""

    def opened(self) -> None:
        first = not self.record.history
        if first:
            self.record.history.append(Connected(time.monotonic(), self.plan.start, True))
        self._first = first
        self._failures = 0
        if self.wire:
            self.wire.send(PING)

    def welcome(self, frame: Heard) -> None:
        """It says nothing that such a client would use."""

    def event(self, frame: Heard) -> None:
        if not (self._first and frame.replayed):  # the newest few of before the run
            self.show(frame)

    async def pause(self, code: int | None) -> float:
        return min(2.0 ** (self._failures + 1), 10.0)
