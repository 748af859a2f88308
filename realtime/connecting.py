"""Handshakes wait for one another: those that come while a read is under way are read together, with the same few
queries as one alone. What they cost is what makes a thousand sockets come back in a second."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from django.db import InterfaceError, OperationalError

from realtime import codes, reads
from realtime.reads import Connected, Handshake, Refused
from realtime.threads import in_thread

logger = logging.getLogger(__name__)

# Handshakes in one read. Each replays up to 500 events, and SQLite takes 32,766 parameters.
BATCH = 64

Answer = asyncio.Future[Connected | Refused]


class Connecting:
    """The handshakes of one event loop. One read at a time: the next is as large as what came meanwhile."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Handshake, Answer]] = deque()
        self._reading: asyncio.Task[None] | None = None

    async def read(self, handshake: Handshake) -> Connected:
        """Raises Refused with the close code."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting.append((handshake, answer))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_all())
        found = await answer
        if isinstance(found, Refused):
            raise found
        return found

    async def _read_all(self) -> None:
        try:
            while self._waiting:
                await self._read([self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))])
        finally:
            self._reading = None

    async def _read(self, batch: Sequence[tuple[Handshake, Answer]]) -> None:
        try:
            found = await in_thread(reads.connect, [handshake for handshake, _ in batch])
        except (OperationalError, InterfaceError) as error:  # it would be the same for each of them
            logger.warning(
                "Sockets cannot be opened: the database does not answer (%s).", type(error).__name__
            )
            found = [Refused(codes.FAILED) for _ in batch]
        except Exception as error:
            if len(batch) > 1:  # whoever brought what cannot be read must not hurt the others
                for one in batch:
                    await self._read([one])
                return
            logger.exception("A handshake could not be read", exc_info=error)
            found = [Refused(codes.FAILED)]
        for (_, answer), one_found in zip(batch, found, strict=True):
            if not answer.done():
                answer.set_result(one_found)


_connecting: WeakKeyDictionary[asyncio.AbstractEventLoop, Connecting] = WeakKeyDictionary()


async def read(handshake: Handshake) -> Connected:
    """`Connecting.read` on the running event loop."""
    return await _connecting.setdefault(asyncio.get_running_loop(), Connecting()).read(handshake)
