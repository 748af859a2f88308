"""Sockets wait here for what they need of the database before they are live: those that come while a read is under way
are read together, with the same few queries as one alone, and each session and user in turn. What they cost is what
makes a thousand sockets come back in a second, and what somebody who comes again and again cannot take from others."""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from django.db import InterfaceError, OperationalError

from base.database_troubles import tell
from base.dependencies import reason_of
from base.figures import gauge
from inbox import replica_reads
from inbox.replay_pieces import Texts
from inbox.replay_queries import Item
from realtime import codes, reads
from realtime.auth import name_of
from realtime.reads import Connected, Handshake, Refused
from realtime.threads import in_thread
from realtime.turns import Turns

logger = logging.getLogger(__name__)

# Sockets in one read. Each replays up to 500 events, and SQLite takes 32,766 parameters.
BATCH = 64
EACH = 4  # of them with one name
WAITING = 40  # with one name: twice the sockets that a user may have

QUEUE = gauge(
    "handshakes_waiting",
    "Sockets that wait for a read: to connect, or to go on replaying.",
    ["queue"],
)

Q = TypeVar("Q")
A = TypeVar("A")


class Gathered(Generic[Q, A]):
    """Reads of one kind on one event loop. One at a time: the next is as large as what came meanwhile."""

    failing: str  # what cannot be done without the database
    queue: str  # its name in the figures

    def __init__(self) -> None:
        self._waiting: Turns[tuple[Q, asyncio.Future[A | Refused]]] = Turns(WAITING)
        self._reading: asyncio.Task[None] | None = None

    @abstractmethod
    async def answers(self, questions: list[Q]) -> Sequence[A | Refused]:
        """Answer each of them, in their order."""

    async def ask(self, name: str, question: Q) -> A:
        """Have it read in its turn. Raises Refused with the close code."""
        answer: asyncio.Future[A | Refused] = asyncio.get_running_loop().create_future()
        if not self._waiting.add(name, (question, answer)):
            raise Refused(codes.TOO_MANY)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_all())
        found = await answer
        if isinstance(found, Refused):
            raise found
        return found

    async def _read_all(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting.take(BATCH, EACH)
                QUEUE.labels(self.queue).set(len(self._waiting) + len(batch))
                await self._read(batch)
        finally:
            self._reading = None
            QUEUE.labels(self.queue).set(0)

    async def _read(self, batch: Sequence[tuple[Q, asyncio.Future[A | Refused]]]) -> None:
        found: Sequence[A | Refused]
        try:
            found = await self.answers([question for question, _ in batch])
        except (OperationalError, InterfaceError) as error:  # it would be the same for each of them
            if not tell(error):
                logger.warning("%s: %s", self.failing, reason_of(error))
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


class Connecting(Gathered[Handshake, Connected]):
    failing = "Sockets cannot be opened"
    queue = "connecting"

    async def answers(self, questions: list[Handshake]) -> Sequence[Connected | Refused]:
        return await in_thread(reads.connect, questions)

    async def read(self, handshake: Handshake) -> Connected:
        """Read the answer to one handshake. Raises Refused with the close code."""
        if handshake.credential is None:
            raise Refused(codes.SIGNED_OUT)
        return await self.ask(name_of(handshake.credential), handshake)


class Replaying(Gathered[Sequence[Item], Texts]):
    failing = "Replays cannot go on"
    queue = "replaying"

    async def answers(self, questions: list[Sequence[Item]]) -> Sequence[Texts | Refused]:
        return await in_thread(replica_reads.read_on, questions)


class Queues(NamedTuple):
    connecting: Connecting
    replaying: Replaying


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, Queues] = WeakKeyDictionary()


def _here() -> Queues:
    """Give those of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _queues:
        _queues[loop] = Queues(Connecting(), Replaying())
    return _queues[loop]


async def read(handshake: Handshake) -> Connected:
    """Read the answer to one handshake. Raises Refused with the close code."""
    return await _here().connecting.read(handshake)


async def read_on(user_id: int, items: Sequence[Item]) -> Texts:
    """Read the next piece of a replay; maybe nothing yet, when many read. Raises Refused when it fails."""
    return await _here().replaying.ask(str(user_id), items)
