"""Who waits for a read, by name. Pure: each name in turn, and within a name first come, first served."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """At most `most` of one name may wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lines: dict[str, deque[T]] = {}  # the name whose turn is next comes first

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def add(self, name: str, one: T) -> bool:
        """Put one in the line of its name. False when there are enough of this name."""
        line = self._lines.setdefault(name, deque())
        if len(line) >= self._most:
            return False
        line.append(one)
        return True

    def take(self, most: int, each: int) -> list[T]:
        """Take the next ones, at most `each` of a name, and the second of a name only after the first of all others."""
        taken: list[T] = []
        for _ in range(each):
            next_ones = list(self._lines)[: most - len(taken)]
            taken += [self._take_one(name) for name in next_ones]
        return taken

    def _take_one(self, name: str) -> T:
        line = self._lines.pop(name)
        one = line.popleft()
        if line:
            self._lines[name] = line
        return one
