"""One event stream of a load client, with the face of its websocket (`bench/faults/wire.py`)."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.faults.wire import NO_WORD, Connection, Refused, connected
from bench.handshake import stream_request

PONG = b'{"type":"pong"}'
CHUNK = re.compile(rb"([0-9a-f]+)\r\n")
PATHS = (
    (re.compile(r"^/ws/orgs/([-\w]+)/notifications/"), r"/api/v1/orgs/\1/stream"),
    (re.compile(r"^/ws/users/me/notifications/"), "/api/v1/stream"),
)


class Close(msgspec.Struct):
    code: int


class StreamWire(Connection):
    """`hear` gets the data of each event. The close code is that of the last one."""

    def __init__(self, request: bytes, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        self._request, self._hear = request, hear
        self._raw, self._text, self._code = b"", b"", NO_WORD

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._raw += data
        if not self.opened.done():
            head, end, rest = self._raw.partition(b"\r\n\r\n")
            if not end:
                return
            self._raw, status = rest, int(head[9:12])
            if status != 200:
                self.opened.set_exception(Refused(403 if status in (401, 404) else status))
                self.transport.close()
                return
            self.opened.set_result(None)
        self._read_chunks()
        *blocks, self._text = self._text.split(b"\n\n")
        for block in blocks:
            self._event(block)

    def _read_chunks(self) -> None:
        while found := CHUNK.match(self._raw):
            end = found.end() + int(found[1], 16)
            if len(self._raw) < end + 2:
                return
            self._text += self._raw[found.end() : end]
            self._raw = self._raw[end + 2 :]

    def _event(self, block: bytes) -> None:
        fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line)
        if fields.get(b"event") == b"close":
            self._code = msgspec.json.decode(fields[b"data"], type=Close).code
        elif b"data" in fields:
            self._hear(fields[b"data"])
        else:
            self._hear(PONG)  # a sign of life

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError("no answer"))
        if not self.closed.done():
            self.closed.set_result(self._code)

    def send(self, text: str) -> None:
        """Do nothing: a stream is asked nothing, and speaks by itself."""

    def close(self) -> None:
        self.transport.close()


async def open_stream(uri: str, cookie: str, hear: Callable[[bytes], None]) -> StreamWire:
    """Open the stream that carries what a socket does. Raises as `open_wire`."""
    parts = urlsplit(uri)
    path = parts.path
    for pattern, stream in PATHS:
        path = pattern.sub(stream, path)
    request = stream_request(
        parts.port or 80, path + (f"?{parts.query}" if parts.query else ""), f"Cookie: {cookie}"
    )
    return await connected(uri, lambda: StreamWire(request, hear))
