"""Which worker gets the next connection: the one with the fewest open ones, in turn where they are level, and nobody
else while that one has no room for a moment. Pure: the caller brings the clock (seconds, of any that never goes back).

What is given is on its way until the worker says that it took it; until then it can be given to another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

AHEAD = 8  # connections that may be on their way to one worker
PATIENCE = 1.0  # seconds after which a worker that takes nothing comes last
REST = 0.1  # seconds that a worker that could not take one is left alone

Connection = TypeVar("Connection")
Some = TypeVar("Some", bound="Load")  # type: ignore[type-arg]


class Load(Generic[Connection]):
    """What one worker holds, by its own word, and what is on its way there, the oldest first."""

    def __init__(self) -> None:
        self.is_ready = False
        self.taken = 0
        self.on_its_way: deque[Connection] = deque()
        self._took_last = 0.0  # when, or since when something is on its way
        self._rests_until = 0.0
        self._turn = 0

    @property
    def open(self) -> int:
        return self.taken + len(self.on_its_way)

    @property
    def has_room(self) -> bool:
        return len(self.on_its_way) < AHEAD

    def can_take(self, now: float) -> bool:
        return self.is_ready and now >= self._rests_until

    def rank(self, now: float) -> tuple[bool, int, int]:
        """Sort before whoever should get the next one later."""
        is_slow = bool(self.on_its_way) and now - self._took_last > PATIENCE
        return is_slow, self.open, self._turn

    def give(self, connection: Connection, turn: int, now: float) -> None:
        """Send one there. `turn` counts what all workers were given."""
        if not self.on_its_way:
            self._took_last = now
        self.on_its_way.append(connection)
        self._turn = turn

    def take(self, now: float) -> Connection:
        """Hear that it took the next one, which is its own from here on."""
        self.taken += 1
        self._took_last = now
        return self.on_its_way.popleft()

    def refuse(self, now: float) -> Connection:
        """Hear that it could not take the next one, which is for another."""
        self.rest(now)
        return self.on_its_way.popleft()

    def rest(self, now: float) -> None:
        self._rests_until = now + REST

    def close(self) -> None:
        """Hear that one which it took is over."""
        self.taken -= 1


def least(loads: Iterable[Some], now: float) -> Some | None:
    """Find who gets the next connection. None: it has to wait."""
    able = (load for load in loads if load.can_take(now))
    first = min(able, key=lambda load: load.rank(now), default=None)
    return first if first is not None and first.has_room else None
