"""Frames in a stream of bytes from a server (RFC 6455, unmasked; or server-sent events): how the load client knows
what it has heard."""

import re
from collections.abc import Iterator
from typing import NamedTuple

TEXT, CLOSE, PING = 1, 8, 9
MARK = re.compile(rb"#E(\d{8})")


class Frame(NamedTuple):
    opcode: int
    start: int  # of the payload, in the buffer
    end: int


def mark(number: int) -> str:
    """Text that stands in an event, by which its frame is known in whatever a system makes of it."""
    return f"#E{number:08}"


def frames(buffer: bytes) -> Iterator[Frame]:
    """The complete frames at the beginning of the buffer. The rest starts at the last one's end."""
    at, size = 0, len(buffer)
    while size - at >= 2:
        length, start = buffer[at + 1] & 0x7F, at + 2
        if length == 126:
            length, start = int.from_bytes(buffer[start : start + 2], "big"), start + 2
        elif length == 127:
            length, start = int.from_bytes(buffer[start : start + 8], "big"), start + 8
        end = start + length
        if end > size:
            return
        yield Frame(buffer[at] & 0x0F, start, end)
        at = end


def events(buffer: bytes) -> Iterator[Frame]:
    """The complete events of a text/event-stream that have data. What HTTP puts between two of them is skipped."""
    at = 0
    while (end := buffer.find(b"\n\n", at)) >= 0:
        if buffer.find(b"data: ", at, end) >= 0:
            yield Frame(TEXT, at, end + 2)
        at = end + 2


def answer(opcode: int, payload: bytes) -> bytes:
    """A client's short frame, masked with zeros."""
    return bytes((0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0)) + payload
