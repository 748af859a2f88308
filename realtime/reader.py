"""One socket's place in the logs that it reads, and the task that writes to it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from realtime import codes
from realtime.ring import FellBehind, Ring

SEND_TIMEOUT = 15.0  # seconds that a client may leave a frame unread
CONTROL_LIMIT = 1000  # frames that are no events

Send = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class Place:
    """Where a reader stands in one log, and the level it reads at."""

    ring: Ring
    position: int
    level: str


class Reader:
    """`org_id` is the organization of an organization's socket, None on a user's socket. The first sends every event,
    the second what is addressed to its user."""

    def __init__(self, user_id: int, session_key: str, org_id: int | None, send: Send) -> None:
        self.user_id = user_id
        self.session_key = session_key
        self.org_id = org_id
        self.places: dict[int, Place] = {}
        self.close_code: int | None = None
        self._send = send
        self._control: deque[str] = deque()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    def control(self, text: str) -> None:
        """Queue a frame that is no event of a log."""
        self._control.append(text)
        if len(self._control) > CONTROL_LIMIT:
            self.close(codes.TOO_SLOW)
        self.wake()

    def close(self, code: int) -> None:
        """End `run` with this code; the first one holds."""
        self.close_code = self.close_code or code
        self.wake()

    def set_level(self, org_id: int, level: str) -> None:
        """From the ring's end on. Entries not yet sent keep the reason that they were delivered for."""
        place = self.places[org_id]
        if place.level == level:
            return
        try:
            for entry in place.ring.after(place.position):
                entry.rows.setdefault(self.user_id, entry.reason(self.user_id, place.level))
        except FellBehind:
            self.close(codes.TOO_SLOW)
        place.level = level

    async def run(self) -> int:
        """Send what there is, strictly by position, until closed. Returns the close code."""
        while self.close_code is None:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._send_all()
            except (FellBehind, TimeoutError):
                self.close(codes.TOO_SLOW)
        return self.close_code

    async def _send_all(self) -> None:
        while self._control and self.close_code != codes.TOO_SLOW:
            await self._bounded(self._control.popleft())
        for place in list(self.places.values()):
            for entry in place.ring.after(place.position):
                if self.close_code is not None:
                    return
                reason = entry.reason(self.user_id, place.level)
                place.position = entry.position
                if reason is not None or self.org_id is not None:
                    await self._bounded(entry.text(reason))

    async def _bounded(self, text: str) -> None:
        async with asyncio.timeout(SEND_TIMEOUT):
            await self._send(text)
