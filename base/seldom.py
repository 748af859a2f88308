"""What is noted once in a while by each process, however often it happens, and never waited for."""

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from django.db import DatabaseError

from base.transactions import write_transaction

Key = TypeVar("Key", bound=Hashable)


class Seldom(Generic[Key]):
    """`pause`: seconds in which one key is noted once. `most`: keys that a process remembers to have noted."""

    def __init__(self, pause: float, most: int) -> None:
        self.pause, self.most = pause, most
        self._noted: dict[Key, float] = {}

    def note(
        self, keys: Iterable[Key], write: Callable[[list[Key]], object], *failures: type[Exception]
    ) -> None:
        """Write, in a transaction of its own, those that were not noted a moment ago. While others write, or where it
        fails by one of these, the next time notes them."""
        now = time.monotonic()
        due = [key for key in keys if now - self._noted.get(key, -self.pause) >= self.pause]
        if not due:
            return
        if len(self._noted) + len(due) > self.most:
            self._noted.clear()
        self._noted.update(dict.fromkeys(due, now))
        refusals: tuple[type[Exception], ...] = (DatabaseError, *failures)
        try:
            with write_transaction(patience=0):
                write(due)
        except refusals:
            for key in due:
                self._noted.pop(key, None)

    def forget(self) -> None:
        """Forget what was noted."""
        self._noted.clear()
