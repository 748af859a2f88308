"""How often and how much a client may speak. Pure: the caller brings the clock (seconds, of any clock that never goes
back)."""

from collections import deque

LIMIT = 5  # messages
WINDOW = 60.0  # seconds


class Throttle:
    """A sliding window: at most LIMIT messages in any WINDOW."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=LIMIT)  # a new one pushes the oldest out

    def allows(self, now: float) -> bool:
        """Count a message that came at `now`, in seconds. Returns whether it may."""
        if len(self._times) == LIMIT and now - self._times[0] < WINDOW:
            return False
        self._times.append(now)
        return True


FRAMES = 60  # of any kind: pings, pongs, fragments and empty ones too
BYTES = 32 * 1024


class Budget:
    """FRAMES and BYTES in each WINDOW, counted from its first byte: what a client may send, whatever it means."""

    __slots__ = ("_began", "_bytes", "_frames")

    def __init__(self) -> None:
        self._began, self._bytes, self._frames = -WINDOW, 0, 0

    def allows_bytes(self, count: int, now: float) -> bool:
        if now - self._began >= WINDOW:
            self._began, self._bytes, self._frames = now, 0, 0
        self._bytes += count
        return self._bytes <= BYTES

    def allows_frames(self, count: int) -> bool:
        self._frames += count
        return self._frames <= FRAMES
