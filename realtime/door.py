"""This process's places for connections, and the one timer that looks who is late."""

import asyncio
import sys

from realtime.connections import Connections, Place

HEAD_SECONDS = 10.0  # that a whole request head may take
TICK = 1.0  # seconds between two looks
BATCH = 32  # connections that go at a time when there is no place left


class Door:
    """Its limits are the listener's to set."""

    def __init__(self) -> None:
        self.connections = Connections(sys.maxsize, sys.maxsize)
        self._looks_on: asyncio.AbstractEventLoop | None = None  # where the timer runs

    def limit(self, total: int, per_address: int) -> None:
        self.connections.total, self.connections.per_address = total, per_address

    def enter(self, descriptor: int, address: str | None) -> bool:
        loop = asyncio.get_running_loop()
        now = loop.time()
        place = self.connections.enter(descriptor, address, now + HEAD_SECONDS, now)
        self._look_later(loop)
        return place is not None

    def owes(self, place: Place, seconds: float) -> None:
        """Give it so many seconds for what it owes."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self.connections.owes(place, now + seconds, now)
        self._look_later(loop)

    def answers(self, place: Place, seconds: float) -> None:
        """Give ourselves so many seconds to answer its handshake."""
        loop = asyncio.get_running_loop()
        self.connections.answers(place, loop.time() + seconds)
        self._look_later(loop)

    def make_room(self) -> bool:
        return self.connections.make_room(asyncio.get_running_loop().time(), BATCH)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._looks_on is not loop:
            self._looks_on = loop
            loop.call_later(TICK, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looks_on = None
        if self.connections.end_overdue(loop.time()):
            self._look_later(loop)


_door = Door()


def get_door() -> Door:
    return _door
