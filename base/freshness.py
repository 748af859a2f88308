"""How far a replica is behind, told without comparing two machines' clocks. Pure: the caller brings positions of the
write-ahead log, and the time (seconds, of one clock that never goes back)."""

from collections import deque
from enum import Enum, auto


class Standing(Enum):
    FRESH = auto()  # it has all that was committed `bound` seconds ago
    UNKNOWN = auto()  # it lacks what is too new to blame it for, and what it has is too old to rely on
    LAGS = auto()


class Freshness:
    """What the primary had written, and when this process saw that: at most once in `EVERY` seconds."""

    EVERY = 1.0

    def __init__(self, bound: float) -> None:
        self.bound = bound
        self._noted: deque[tuple[float, int]] = deque()

    def is_due(self, now: float) -> bool:
        return not self._noted or now - self._noted[-1][0] >= self.EVERY

    def noted(self, written: int, now: float) -> None:
        """Note what the primary had written. Of those beyond the bound the youngest is enough to tell who lags."""
        self._noted.append((now, written))
        while len(self._noted) > 1 and now - self._noted[1][0] > self.bound:
            self._noted.popleft()

    def of(self, replayed: int, now: float) -> Standing:
        """Judge a replica that has replayed so much."""
        if any(written <= replayed and now - at <= self.bound for at, written in self._noted):
            return Standing.FRESH
        if any(written > replayed and now - at > self.bound for at, written in self._noted):
            return Standing.LAGS
        return Standing.UNKNOWN
