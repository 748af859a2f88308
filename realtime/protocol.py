"""uvicorn's websocket, and a way to write ready frames past its `send`.

RFC 6455 stays uvicorn's: handshake, fragments, limits, pings, the closing. A frame in one piece may stand between any
two of its own, so long as the closing has not begun.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.lean import Gate, Mailbox
from realtime.wire import EXTENSION, Message

if TYPE_CHECKING:  # a worker process loads this module before Django
    from realtime.batch import Batch
    from realtime.reader import Reader

GRACE = 3.0  # seconds to read what is left when the server goes down
HIGH_WATER = 32 * 1024  # bytes in the transport's buffer: beyond it, a socket is left where it stands


class FrameProtocol(WebSocketsSansIOProtocol):
    """Give it to uvicorn as `ws`. It puts a `FrameWire` into the scope's extensions."""

    wire: FrameWire | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Mailbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]
        self.writable.set()

    async def run_asgi(self) -> None:
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        self.wire = FrameWire(self)
        extensions = cast("dict[str, object]", self.scope["extensions"])
        extensions[EXTENSION] = self.wire
        await super().run_asgi()

    def forget_handshake(self) -> None:
        """What only the handshake needed: 5 KB of headers, as long as the socket lives."""
        self.request.headers.clear()  # the parser keeps the request itself
        del self.request, self.response
        cast("list[Any]", self.scope["headers"]).clear()  # the very list: routers have copied the scope

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.wire is not None:
            self.wire.lose()

    def shutdown(self) -> None:
        """Whoever reads nothing more must not hold up the server."""
        super().shutdown()
        self.loop.call_later(GRACE, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.wire is not None:
            self.wire.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.wire is not None:
            self.wire.resume()


class FrameWire:
    """Over the transport itself."""

    __slots__ = ("_conn", "_protocol", "_write", "reader", "stuck_since")

    def __init__(self, protocol: FrameProtocol) -> None:
        self.reader: Reader | None = None
        self.stuck_since: float | None = None
        self._protocol, self._conn = protocol, protocol.conn
        self._write = protocol.transport.write

    def opened(self) -> None:
        self._protocol.forget_handshake()

    def write(self, batch: Batch) -> None:
        if self._conn.close_sent is None:
            self._write(batch.data)

    def close(self, code: int) -> None:
        if self._conn.close_sent is not None:
            return
        closing = self._protocol.send({"type": "websocket.close", "code": code})
        try:
            closing.send(None)  # not stuck, so it has nothing to wait for
        except (StopIteration, OSError):
            pass
        finally:
            closing.close()

    def abort(self) -> None:
        self._protocol.transport.abort()

    def lose(self) -> None:
        """The connection is gone. asyncio would log what is written to it."""
        self._write = len  # type: ignore[assignment]

    async def drained(self) -> None:
        await self._protocol.writable.wait()

    @property
    def has_ended(self) -> bool:
        return self._conn.close_sent is not None or self._protocol.transport.is_closing()

    async def receive(self) -> Message:
        return cast(Message, await self._protocol.receive())

    def pause(self) -> None:
        self.stuck_since = asyncio.get_running_loop().time()
        if self.reader is not None:
            self.reader.pause()

    def resume(self) -> None:
        self.stuck_since = None
        if self.reader is not None:
            self.reader.resume()
