"""h11 with limits: how large a head, how many lines it has, what a body may cost beside its bytes."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import h11

HEAD_BYTES = 64 * 1024  # of a request line and all header lines, for pages and for handshakes of sockets
HEAD_LINES = 128
BEGINNING = 256  # bytes of a head that are kept, to know for whom a refusal is
BODY_BYTES = 1024 * 1024
FRAMING_BYTES = 16 * 1024  # of a body that comes in chunks: their sizes, extensions and trailers

_PATH = re.compile(rb"\w+ (/[^\s?#]*)")
_BLANK_LINE = re.compile(rb"\n\r?\n")


class Refusal(NamedTuple):
    status: int
    code: str
    words: str


BAD = Refusal(400, "invalid", "This request cannot be read.")
TOO_LARGE = Refusal(
    431,
    "head_too_large",
    f"The request's head is too large: at most {HEAD_BYTES} bytes in {HEAD_LINES} lines.",
)
TOO_LATE = Refusal(408, "too_late", "The request did not come in time.")


class BoundedConnection(h11.Connection):
    """Where h11 would raise, it asks for more data, and `refusal` says why there is no use in that."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, HEAD_BYTES)
        self.refusal: Refusal | None = None
        self.body_bytes = 0  # of this request, read so far
        self._framing_bytes = 0
        self._beginning = b""  # of the latest head

    @property
    def path(self) -> str:
        """Give that of the latest request, however little of it could be read; empty where it has none."""
        found = _PATH.match(self._beginning)
        return found[1].decode("latin-1") if found else ""

    @property
    def buffered(self) -> int:
        return len(self._receive_buffer)

    def next_event(self) -> Any:
        if self.refusal:
            return h11.NEED_DATA
        if self.their_state is h11.IDLE:
            buffer, _ = self.trailing_data
            self._beginning = buffer[:BEGINNING].lstrip()
            self.refusal = _too_large(buffer)
        return h11.NEED_DATA if self.refusal else self._next()

    def _next(self) -> Any:
        before = self.buffered
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            self.refusal = TOO_LARGE if error.error_status_hint == TOO_LARGE.status else BAD
            return h11.NEED_DATA
        self.refusal = self._objection(event, before - self.buffered)
        return h11.NEED_DATA if self.refusal else event

    def _objection(self, event: Any, size: int) -> Refusal | None:
        """Say what is wrong with it, if anything. `size`: bytes that the event took."""
        if isinstance(event, h11.Request):
            self.body_bytes = self._framing_bytes = 0
            return None if _is_for_us(event) else BAD
        if isinstance(event, h11.Data):
            self.body_bytes += len(event.data)
            size -= len(event.data)
        self._framing_bytes += size
        return BAD if self._framing_bytes > FRAMING_BYTES else None


def _too_large(buffer: bytes) -> Refusal | None:
    """Judge a head before h11 takes its time over it."""
    if blank := _BLANK_LINE.search(buffer):
        end = blank.end()
        if end > HEAD_BYTES or buffer.count(b"\n", 0, end) > HEAD_LINES:
            return TOO_LARGE
    return None


def _is_for_us(request: h11.Request) -> bool:
    """Say whether it is for us: not for a proxy (absolute addresses, CONNECT), no other version, and with one way
    only to tell where its body ends."""
    names = {name for name, _ in request.headers}
    return (
        request.target.startswith(b"/")
        and request.http_version in (b"1.0", b"1.1")
        and not {b"content-length", b"transfer-encoding"} <= names
    )
