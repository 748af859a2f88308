"""The way out of the process for one socket: what a reader may ask of it, and the form that any ASGI server has.

`realtime/protocol.py` has the fast form.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from realtime.batch import Batch

logger = logging.getLogger(__name__)

EXTENSION = "carillon.frames"  # in the scope's extensions: the socket's fast wire

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


class Listener(Protocol):
    """Whoever writes to a wire, as the wire knows them: the reader."""

    def pause(self) -> None:
        """Hear that the wire is full."""

    def resume(self) -> None:
        """Hear that it takes more."""


class Wire(Protocol):
    is_stream: ClassVar[bool]
    reader: Listener | None
    stuck_since: float | None  # on the event loop's clock; None while it takes more

    def opened(self) -> None:
        """Hear that the handshake is over, and nobody needs it any more."""

    def write(self, batch: Batch) -> None: ...

    def tick(self) -> None:
        """Hear that a second has gone by."""

    def close(self, code: int) -> None:
        """Begin the close handshake. Not while stuck."""

    def abort(self) -> None:
        """End it without a word: the client reads nothing."""

    async def drained(self) -> None:
        """Wait until it takes more, or has ended."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing that is written arrives any more."""

    async def receive(self) -> Message:
        """Wait for the client's next message, `websocket.disconnect` at last."""


class TransportWire:
    """What both wires share that write to the transport itself: its fullness, and an end that waits for nobody."""

    __slots__ = ("reader", "stuck_since")

    def __init__(self) -> None:
        self.reader: Listener | None = None
        self.stuck_since: float | None = None

    def pause(self) -> None:
        self.stuck_since = asyncio.get_running_loop().time()
        if self.reader is not None:
            self.reader.pause()

    def resume(self) -> None:
        self.stuck_since = None
        if self.reader is not None:
            self.reader.resume()

    @staticmethod
    def send_at_once(sending: Coroutine[Any, Any, None]) -> None:
        """Carry out what a wire that is not stuck sends: it has nothing to wait for."""
        try:
            sending.send(None)
        except (StopIteration, OSError):
            pass
        finally:
            sending.close()


def wire_of(scope: dict[str, Any], receive: Receive, send: Send) -> Wire:
    fast: Wire | None = scope.get("extensions", {}).get(EXTENSION)
    return fast or SendWire(receive, send)


class SendWire:
    """Over the public ASGI `send`. A `send` that need not wait is over within `write`, without a task; one that has to
    wait makes the wire stuck until it has ended."""

    __slots__ = ("_closing", "_ended", "_receive", "_send", "_task", "reader", "stuck_since")
    is_stream: ClassVar[bool] = False

    def __init__(self, receive: Receive, send: Send) -> None:
        self.reader: Listener | None = None
        self.stuck_since: float | None = None
        self._receive, self._send = receive, send
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._ended = asyncio.Event()

    def opened(self) -> None:
        pass

    def write(self, batch: Batch) -> None:
        self._send_all(iter([{"type": "websocket.send", "text": text} for text in batch.texts]))

    def tick(self) -> None:
        pass

    def close(self, code: int) -> None:
        self._closing = True
        self._send_all(iter([{"type": "websocket.close", "code": code}]))

    def abort(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._ended.set()

    async def drained(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task})

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    async def receive(self) -> Message:
        """Wait for it. Also ends when we have closed: not every server tells."""
        coming, ended = asyncio.ensure_future(self._receive()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({coming, ended}, return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else {"type": "websocket.disconnect"}
        finally:
            coming.cancel()
            ended.cancel()

    def _send_all(self, messages: Iterator[Message]) -> None:
        for message in messages:
            if self._ended.is_set():
                return
            sending = self._send(message).__await__()
            try:
                waits_for = next(sending)
            except StopIteration:
                continue
            except OSError:  # the client went
                self._ended.set()
                return
            except Exception:
                logger.exception("A socket failed")  # alone: the hub is writing to others, too
                self._ended.set()
                return
            self.stuck_since = asyncio.get_running_loop().time()
            if self.reader is not None:
                self.reader.pause()
            self._task = asyncio.ensure_future(self._go_on(Begun(waits_for, sending), messages))
            return
        if self._closing:
            self._ended.set()

    async def _go_on(self, begun: Begun, messages: Iterable[Message]) -> None:
        try:
            await begun
            for message in messages:
                await self._send(message)
        except OSError:
            self._ended.set()
            return
        except Exception:
            logger.exception("A socket failed")
            self._ended.set()
            return
        self.stuck_since = self._task = None
        if self._closing:
            self._ended.set()
        elif self.reader is not None:
            self.reader.resume()


class Begun:
    """The rest of an awaitable whose first step has been taken: it waits for `waits_for`."""

    def __init__(self, waits_for: Any, rest: Generator[Any, Any, None]) -> None:
        self.waits_for, self.rest = waits_for, rest

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            yield self.waits_for
        except BaseException as error:  # noqa: BLE001 - a cancellation too belongs to the rest
            self.waits_for = self.rest.throw(error)
            yield self.waits_for
        yield from self.rest
