"""What is noted once in a while by each process, however often it happens, and never waited for."""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.db import DatabaseError

from base.transactions import write_transaction

Key = TypeVar("Key", bound=Hashable)


class Seldom(Generic[Key]):
    """`pause`: seconds in which one key is noted once. `most`: keys that a process remembers to have noted."""

    def __init__(self, pause: float, most: int) -> None:
        self.pause, self.most = pause, most
        self._noted: dict[Key, float] = {}

    def note(self, key: Key, write: Callable[[], object], *failures: type[Exception]) -> None:
        """Write it in a transaction of its own, unless that was done a moment ago. While others write, or where it
        fails by one of these, the next time notes it."""
        now = time.monotonic()
        refusals: tuple[type[Exception], ...] = (DatabaseError, *failures)
        if now - self._noted.get(key, -self.pause) < self.pause:
            return
        if len(self._noted) >= self.most:
            self._noted.clear()
        self._noted[key] = now
        try:
            with write_transaction(patience=0):
                write()
        except refusals:
            self._noted.pop(key, None)

    def forget(self) -> None:
        """Forget what was noted."""
        self._noted.clear()
