"""How often a client may speak. Pure: the caller brings the clock."""

from collections import deque

LIMIT = 5  # messages
WINDOW = 60.0  # seconds


class Throttle:
    """A sliding window: at most LIMIT messages in any WINDOW."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=LIMIT)  # a new one pushes the oldest out

    def allows(self, now: float) -> bool:
        """Count a message that came at `now` (seconds, of any clock that never goes back)."""
        if len(self._times) == LIMIT and now - self._times[0] < WINDOW:
            return False
        self._times.append(now)
        return True
