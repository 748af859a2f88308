"""One websocket connection of a load client: RFC 6455 by `websockets`' sans-I/O protocol, the bytes by asyncio.

A thousand of these must cost less than the server under test, so there is no task and no queue between.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Origin
from websockets.uri import parse_uri

HANDSHAKE = 10.0  # seconds
NO_WORD = 1006


class Refused(Exception):
    """The server answered the handshake with another HTTP status than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Connection(asyncio.Protocol):
    """`opened` is done, or refused, by the server's answer; `closed`, with the close code, once it has ended."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()


AnyConnection = TypeVar("AnyConnection", bound=Connection)


async def connected(uri: str, make: Callable[[], AnyConnection]) -> AnyConnection:
    """Connect, and wait until it is open. Raises Refused, or OSError (TimeoutError included) when nobody answers."""
    parts = urlsplit(uri)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(HANDSHAKE):
        _, connection = await loop.create_connection(make, parts.hostname or "", parts.port or 80)
        try:
            await connection.opened
        except BaseException:
            connection.transport.abort()
            raise
    return connection


class Wire(Connection):
    """`hear` gets each text frame."""

    def __init__(self, uri: str, cookie: str, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        parts = urlsplit(uri)
        self._rfc6455 = ClientProtocol(parse_uri(uri), origin=Origin(f"http://{parts.netloc}"), max_size=None)
        self._cookie, self._hear = cookie, hear
        self._fragments: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        request = self._rfc6455.connect()
        request.headers["Cookie"] = self._cookie
        self._rfc6455.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._rfc6455.receive_data(data)
        self._flush()
        for event in self._rfc6455.events_received():
            if isinstance(event, Frame):
                self._frame(event)
            elif isinstance(event, Response) and not self.opened.done():
                self._answered(event)

    def connection_lost(self, _error: Exception | None) -> None:
        with suppress(EOFError):
            self._rfc6455.receive_eof()
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError("no answer to the handshake"))
        if not self.closed.done():
            self.closed.set_result(self._rfc6455.close_code or NO_WORD)

    def send(self, text: str) -> None:
        if self._rfc6455.state is State.OPEN:
            self._rfc6455.send_text(text.encode())
            self._flush()

    def close(self) -> None:
        if self._rfc6455.state is State.OPEN:
            self._rfc6455.send_close(1000)
            self._flush()

    def _answered(self, response: Response) -> None:
        if self._rfc6455.state is State.OPEN:
            self.opened.set_result(None)
        else:
            self.opened.set_exception(Refused(response.status_code))

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT and frame.fin:
            self._hear(bytes(frame.data))
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self._fragments.append(bytes(frame.data))
            if frame.fin:
                whole, self._fragments = b"".join(self._fragments), []
                self._hear(whole)

    def _flush(self) -> None:
        for data in self._rfc6455.data_to_send():
            if data:
                self.transport.write(data)
            elif self.transport.can_write_eof():
                with suppress(OSError):
                    self.transport.write_eof()


async def open_wire(uri: str, cookie: str, hear: Callable[[bytes], None]) -> Wire:
    """Raises Refused, or OSError (TimeoutError included) when nobody answers."""
    return await connected(uri, lambda: Wire(uri, cookie, hear))
