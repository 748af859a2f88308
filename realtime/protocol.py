"""uvicorn's websocket, a way to write ready frames past its `send`, and a budget for what a client sends.

RFC 6455 stays uvicorn's: fragments, limits, pings, the closing. A frame in one piece may stand between any two of its
own, so long as the closing has not begun.
"""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any, ClassVar, cast

from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.protocol import Protocol

from realtime import codes
from realtime.door import get_door
from realtime.refusals import refused
from realtime.small_queues import Gate, Mailbox
from realtime.throttle import BYTES, Budget
from realtime.wire import EXTENSION, Message, TransportWire

if TYPE_CHECKING:  # a worker process loads this module before Django
    from asyncio.transports import BaseTransport
    from collections.abc import Iterable

    import h11

    from realtime.batch import Batch
    from realtime.connections import Place

# Its lines on each handshake say what uvicorn's own say; at DEBUG it would write down cookies.
logger = logging.getLogger("websockets.server")
logger.setLevel(logging.WARNING)

GRACE = 3.0  # seconds to read what is left when the server goes down
HIGH_WATER = 32 * 1024  # bytes in the transport's buffer: beyond it, a socket is left where it stands


ANSWER_SECONDS = 30.0  # that we may take over a handshake
SLICE = 512  # bytes that are parsed before the frames in them are counted
PARTING_SECONDS = 1.0  # that a client which is cut off has to read why


class FrameProtocol(WebSocketsSansIOProtocol):
    """Give it to uvicorn as `ws`, and as `http` our HttpProtocol, which has read the head. It puts a `FrameWire` into
    the scope's extensions."""

    place: Place
    wire: FrameWire | None = None
    is_cut_off = False
    is_last = False  # we stop as soon as its handshake is answered
    early = b""  # frames that came before our answer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn.logger, self.conn.debug = logger, False
        self.conn.parser = Protocol.parse(self.conn)  # from the first frame on
        next(self.conn.parser)
        self.budget = Budget()
        self.queue = Mailbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]
        self.writable.set()

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        door = get_door()
        self.place = door.connections.place_of(transport.get_extra_info("socket").fileno())
        self.place.peer = self
        door.answers(self.place, ANSWER_SECONDS)

    def shake_hands(self, head: h11.Request) -> None:
        headers = Headers((name.decode(), value.decode("latin-1")) for name, value in head.headers)
        version = f"HTTP/{head.http_version.decode()}"
        self.handle_connect(Request(head.target.decode(), headers, head.method.decode(), version))

    # --- What comes -----------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if not self.handshake_complete:
            self.early += data
            if len(self.early) > BYTES:
                self._cut_off()
            return
        now = self.loop.time()
        for start in range(0, len(data), SLICE):
            if self.is_cut_off or self.transport.is_closing():
                return
            piece = data[start : start + SLICE]
            if self.budget.allows_bytes(len(piece), now):
                super().data_received(piece)
            else:
                self._cut_off()

    def start_keepalive(self) -> None:
        """Note that the handshake has been answered, and this is an open socket."""
        super().start_keepalive()
        early, self.early = self.early, b""
        self.data_received(early)
        if self.is_last:
            self.loop.call_soon(self.shutdown)

    def handle_events(self) -> None:
        within = self.budget.allows_frames(len(self.conn.events))
        super().handle_events()
        if not within:
            self._cut_off()

    def _cut_off(self) -> None:
        """End a flood: nothing more is parsed, and whoever has not read by then why is not waited for."""
        if self.is_cut_off:
            return
        self.is_cut_off = True
        refused("Sockets that sent too much,", f"from {self.client[0]}" if self.client else "")
        if self.wire is None or not self.handshake_complete or self.wire.stuck_since is not None:
            self.transport.abort()
            return
        self.wire.close(codes.TOO_MANY)
        self.loop.call_later(PARTING_SECONDS, self.transport.abort)

    def overdue(self) -> None:
        """Refuse the handshake, if it has still no answer."""
        if not self.handshake_complete:
            self.conn.send_response(self.conn.reject(503, "The server is too busy. Try again later.\n"))
            self.transport.write(b"".join(self.conn.data_to_send()))
            # Whatever the application still says is for nobody.
            self.handshake_complete = self.close_sent = self.disconnected = True
            self.transport.close()

    def drop(self) -> None:
        """Do nothing: it owes nothing, so nobody asks."""

    # --- What goes ------------------------------------------------------------------------------------------

    async def run_asgi(self) -> None:
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        self.wire = FrameWire(self)
        extensions = cast("dict[str, object]", self.scope["extensions"])
        extensions[EXTENSION] = self.wire
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close" and not self.handshake_complete:
            self._refuse(message.get("headers", ()))
        else:
            await super().send(message)

    def _refuse(self, headers: Iterable[tuple[str, str]]) -> None:
        """Refuse the handshake as uvicorn does, with headers."""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": codes.GONE})
        path = get_path_with_query_string(self.scope)
        self.logger.info('%s - "WebSocket %s" 403', get_client_addr(self.scope), path)
        response = self.conn.reject(403, "")
        response.headers.update(headers)
        self.conn.send_response(response)
        self.close_sent = self.handshake_complete = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def forget_handshake(self) -> None:
        """Drop what only the handshake needed: its headers, perhaps a token, and that each write leaves at once. A
        frame that follows on another may wait for the client's word that it came, which spares the kernel work."""
        self.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        self.request.headers.clear()  # the parser keeps the request itself
        del self.request, self.response
        for name in ("headers", "subprotocols"):  # the very lists: routers have copied the scope
            cast("list[Any]", self.scope[name]).clear()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.wire is not None:
            self.wire.lose()

    def shutdown(self) -> None:
        """End it with 1012, so that its client comes back by its cursor; at once where the client reads nothing more:
        it must not hold up the server."""
        if not self.handshake_complete:
            self.is_last = True
            return
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


class FrameWire(TransportWire):
    """Over the transport itself."""

    __slots__ = ("_conn", "_protocol", "_write")
    is_stream: ClassVar[bool] = False

    def __init__(self, protocol: FrameProtocol) -> None:
        super().__init__()
        self._protocol, self._conn = protocol, protocol.conn
        self._write = protocol.transport.write

    def opened(self) -> None:
        self._protocol.forget_handshake()

    def write(self, batch: Batch) -> None:
        if self._conn.close_sent is None:
            self._write(batch.data)

    def tick(self) -> None:
        """Say nothing: a socket's client asks when it wonders."""

    def close(self, code: int) -> None:
        if self._conn.close_sent is not None:
            return
        self.send_at_once(self._protocol.send({"type": "websocket.close", "code": code}))

    def abort(self) -> None:
        self._protocol.transport.abort()

    def lose(self) -> None:
        """Note that the connection is gone. asyncio would log what is written to it."""
        self._write = len  # type: ignore[assignment]

    async def drained(self) -> None:
        await self._protocol.writable.wait()

    @property
    def has_ended(self) -> bool:
        return self._conn.close_sent is not None or self._protocol.transport.is_closing()

    async def receive(self) -> Message:
        return cast(Message, await self._protocol.receive())
