"""The way out of the process for one stream: over the transport itself under our own HTTP protocol, and by the public
ASGI `send` under any other server."""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from inbox.frames import encode
from realtime import codes
from realtime.event_stream import COMMENT, chunk, event_of, retry
from realtime.frames import CloseFrame
from realtime.http_protocol import STREAM
from realtime.wire import SendWire, TransportWire

if TYPE_CHECKING:
    from realtime.batch import Batch
    from realtime.http_protocol import HttpProtocol
    from realtime.wire import Message, Receive, Send

SILENCE = 15  # seconds, after which a comment shows that the stream lives
HIGH_WATER = 32 * 1024  # bytes in the transport's buffer: beyond it, a stream is left where it stands
RETRY = 1000, 3000  # milliseconds until a browser comes back: spread, so that not all do at once
LATER = 30_000, 60_000

COME_BACK = "Come back with the last id."
WHAT_TO_DO = {
    codes.SIGNED_OUT: "Your session has ended, or your token counts no more. Sign in again.",
    codes.NOT_A_MEMBER: "You are no longer a member of this organization. Do not come back.",
    codes.TOO_OLD: "Come back with the last id now: this stream is old, or what you belong to has changed.",
    codes.TOO_MANY: "Too much at once. Wait a minute, then come back with the last id.",
    codes.FAILED: "The server failed, and nothing is lost. Wait a little, then come back with the last id.",
    codes.TOO_SLOW: "You read too slowly. Come back with the last id: what you missed is kept.",
    codes.GOING_AWAY: "This server is going down. Come back with the last id: another one answers.",
}


def stream_wire_of(scope: dict[str, Any], receive: Receive, send: Send) -> TransportStream | SendStream:
    protocol: HttpProtocol | None = scope.get("extensions", {}).get(STREAM)
    return SendStream(receive, send) if protocol is None else TransportStream(protocol, receive)


def first_words() -> bytes:
    return retry(random.randint(*RETRY))  # noqa: S311


def last_words(code: int) -> bytes:
    """Write why it ends. A browser comes back by itself, and hears from the status what it has to do."""
    pause = retry(random.randint(*LATER)) if code == codes.TOO_MANY else b""  # noqa: S311
    return pause + event_of(encode(CloseFrame(code, WHAT_TO_DO.get(code, COME_BACK))))


class TransportStream(TransportWire):
    """Writes chunks that are framed once for all streams; HTTP/1.0 has none. The head went by h11, which counts no
    chunks; the end goes by it, too."""

    __slots__ = (
        "_code",
        "_cycle",
        "_is_over",
        "_protocol",
        "_receive",
        "_silent",
        "_write",
        "is_chunked",
    )
    is_stream: ClassVar[bool] = True

    def __init__(self, protocol: HttpProtocol, receive: Receive) -> None:
        super().__init__()
        self._protocol, self._cycle, self._receive = protocol, protocol.cycle, receive
        self.is_chunked = protocol.scope["http_version"] != "1.0"
        self._write = protocol.transport.write
        self._is_over = False
        self._silent = 0
        self._code = codes.GONE

    def begun(self) -> None:
        """Hear that the answer's head is out: what becomes of the connection becomes of the stream from here on."""
        self._protocol.transport.set_write_buffer_limits(high=HIGH_WATER)
        self._protocol.stream = self
        if not self._cycle.keep_alive:  # the server has begun to stop meanwhile
            asyncio.get_running_loop().call_soon(self.close, codes.GOING_AWAY)

    def opened(self) -> None:
        """Let a frame that follows on another wait for the client's word that it came, which spares the kernel work."""
        with suppress(OSError):
            self._protocol.transport.get_extra_info("socket").setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 0
            )

    def write(self, batch: Batch) -> None:
        if not self._is_over:
            self._silent = 0
            self._write(batch.chunk if self.is_chunked else batch.events)

    def tick(self) -> None:
        """Count a second of silence."""
        self._silent += 1
        if self._silent >= SILENCE and self.reader and self.stuck_since is None and not self._is_over:
            self._silent = 0
            self._write(chunk(COMMENT) if self.is_chunked else COMMENT)

    def close(self, code: int) -> None:
        if self.has_ended:
            return
        self._is_over, self._code = True, code
        self._cycle.keep_alive = False
        self.send_at_once(
            self._cycle.send({"type": "http.response.body", "body": last_words(code), "more_body": False})
        )

    def abort(self) -> None:
        self._protocol.transport.abort()

    def lose(self) -> None:
        """Note that the connection is gone."""
        self._is_over = True

    async def drained(self) -> None:
        await self._protocol.flow.drain()

    @property
    def has_ended(self) -> bool:
        return self._is_over or self._protocol.transport.is_closing()

    async def receive(self) -> Message:
        """Wait until the client has gone, or we have."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        return {"type": "http.disconnect", "code": self._code}


class SendStream(SendWire):
    """Over the public ASGI `send`."""

    __slots__ = ("_silent",)
    is_stream: ClassVar[bool] = True

    def __init__(self, receive: Receive, send: Send) -> None:
        super().__init__(receive, send)
        self._silent = 0

    def begun(self) -> None:
        pass

    def write(self, batch: Batch) -> None:
        self._silent = 0
        self._send_all(iter([_part(batch.events)]))

    def tick(self) -> None:
        self._silent += 1
        if self._silent >= SILENCE and self.reader and self.stuck_since is None:
            self._silent = 0
            self._send_all(iter([_part(COMMENT)]))

    def close(self, code: int) -> None:
        self._closing = True
        self._send_all(iter([_part(last_words(code), more=False)]))

    async def receive(self) -> Message:
        while (message := await super().receive())["type"] == "http.request":
            pass
        return message


def _part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
