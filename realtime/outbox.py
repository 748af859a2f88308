"""What waits to be sent to the channel layer, in the order in which it was handed over. Pure, and no threads.

It is bounded. Where it is full the oldest goes: whoever then hears a later one reads from the database what is missing.
"""

from collections import deque
from typing import Any, NamedTuple

MESSAGES = 10_000
BYTES = 16 * 1024 * 1024


class Outgoing(NamedTuple):
    """`sender` is the installation that it comes from; None where that is still to be asked. `size` is in bytes."""

    group: str
    told: dict[str, Any]
    sender: str | None
    size: int


class Outbox:
    def __init__(self, messages: int = MESSAGES, size: int = BYTES) -> None:
        self._most, self._largest = messages, size
        self._waiting: deque[Outgoing] = deque()
        self._size = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, outgoing: Outgoing) -> int:
        """Put it behind all others; returns how many of these had to go for it. The newest always stays."""
        self._waiting.append(outgoing)
        self._size += outgoing.size
        dropped = 0
        while len(self._waiting) > self._most or (self._size > self._largest and len(self._waiting) > 1):
            self.take()
            dropped += 1
        return dropped

    def take(self) -> Outgoing:
        """Take the oldest; there must be one."""
        outgoing = self._waiting.popleft()
        self._size -= outgoing.size
        return outgoing

    def clear(self) -> None:
        self._waiting.clear()
        self._size = 0
