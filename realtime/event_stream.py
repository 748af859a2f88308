"""Frames as a text/event-stream has them (HTML, "Server-sent events"): an event's id is the cursor of whoever has
applied it. Pure."""

import re
from collections.abc import Iterable

import msgspec

CONTENT_TYPE = "text/event-stream"
COMMENT = b":\n\n"  # what nobody hears
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)


class _Replay(msgspec.Struct):
    count: int


class _Named(msgspec.Struct):
    """What is looked at in any frame."""

    type: str
    cursor: str = ""
    position: int = 0
    replay: _Replay | None = None


_decode = msgspec.json.Decoder(_Named).decode


def event_of(payload: bytes) -> bytes:
    """Write a frame as an event: with its name, where it has one, and with an id, where it moves the reader on. Encoded
    JSON has no line breaks."""
    try:
        named = _decode(payload)
    except msgspec.DecodeError:  # of the server's own code, in a shape of its own
        return b"data: %b\n\n" % payload
    name = f"event: {named.type}\n" if _NAME.fullmatch(named.type) else ""
    moves = named.position or (named.replay and not named.replay.count)
    place = f"id: {named.cursor}\n" if moves and named.cursor else ""
    return b"%b%bdata: %b\n\n" % (place.encode(), name.encode(), payload)


def events_of(payloads: Iterable[bytes]) -> bytes:
    return b"".join(map(event_of, payloads))


def retry(milliseconds: int) -> bytes:
    """Write after which pause a browser comes back."""
    return b"retry: %d\n\n" % milliseconds


def chunk(data: bytes) -> bytes:
    """Frame a piece of a body whose length nobody knows (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)
