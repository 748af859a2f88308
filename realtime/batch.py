"""Frames as the wire wants them: JSON text in RFC 6455 frames, joined so that many go out in one write.

Pure. One batch is shared by every socket that gets the same frames.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from inbox.frames import encode, with_places
from realtime.event_stream import chunk, events_of

CHUNK = (
    64 * 1024
)  # bytes in one write: with the transport's high-water mark, what a slow client can hold here

ALIKE = 16  # forms of one batch that are kept, each for readers who stand alike in other logs


class Batch:
    """`data` is for a transport; `texts` are the same frames for the public ASGI `send`."""

    __slots__ = ("_beside", "_chunk", "_events", "data", "end", "payloads")

    def __init__(self, payloads: list[bytes], end: int = 0) -> None:
        self.payloads = payloads
        self.end = end  # position of the last event in it
        self._beside: dict[bytes, Batch] | None = None
        self._events = self._chunk = b""
        self.data = b"".join([part for payload in payloads for part in (header(len(payload)), payload)])

    def beside(self, others: bytes) -> "Batch":
        """Give the same events for readers who stand at these cursors in other logs, encoded once for all who do."""
        if self._beside is None or len(self._beside) >= ALIKE:
            self._beside = {}
        if (found := self._beside.get(others)) is None:
            found = Batch([with_places(payload, others) for payload in self.payloads], self.end)
            self._beside[others] = found
        return found

    @property
    def events(self) -> bytes:
        """The same frames for streams, encoded when the first of them wants it."""
        self._events = self._events or events_of(self.payloads)
        return self._events

    @property
    def chunk(self) -> bytes:
        """As `events`, as a chunk of HTTP/1.1."""
        self._chunk = self._chunk or chunk(self.events)
        return self._chunk

    @property
    def texts(self) -> list[str]:
        return [payload.decode() for payload in self.payloads]


def header(length: int) -> bytes:
    """Make the header of a text frame in one piece from a server, hence unmasked (RFC 6455, section 5.2)."""
    if length < 126:
        return bytes((0x81, length))
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")


def one_frame(frame: Struct | dict[str, Any]) -> Batch:
    return Batch([encode(frame)])


def chunked(numbered: Iterable[tuple[int, bytes]]) -> Iterable[Batch]:
    """Divide pairs of position and payload, in order, into batches of about CHUNK bytes at most. Lazy: a slow
    client takes one at a time."""
    payloads: list[bytes] = []
    size = end = 0
    for position, payload in numbered:
        if payloads and size + len(payload) > CHUNK:
            yield Batch(payloads, end)
            payloads, size = [], 0
        payloads.append(payload)
        size += len(payload)
        end = position
    if payloads:
        yield Batch(payloads, end)
