"""Reads `text/event-stream`, the format of server-sent events. Nothing of it is ours."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST = 16 * 1024 * 1024  # bytes of one message: a server that never ends one is no server of ours


class Message(NamedTuple):
    """`id` is where a reader stands once it has this one."""

    id: str
    event: str
    data: str


class TooLong(Exception):
    """The message does not end."""


def messages(pieces: Iterable[bytes]) -> Iterator[Message | None]:
    """Cut what comes into messages; None for a comment, which only says that the server is there. What is not ended
    by an empty line is dropped. Raises TooLong."""
    last_id, event, data = "", "", list[str]()
    for line in _lines(pieces):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "" if not line:
                if data:
                    yield Message(last_id, event or "message", "\n".join(data))
                event, data = "", []
            case "":
                yield None
            case "id" if "\0" not in value:
                last_id = value
            case "event":
                event = value
            case "data":
                data.append(value)
        if sum(map(len, data)) > LONGEST:
            raise TooLong


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Split at LF, CR LF and CR. A CR at the end of a piece waits for what follows it."""
    rest = b""
    for piece in pieces:
        rest += piece
        held = b"\r" if rest.endswith(b"\r") else b""
        *whole, rest = rest.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += held
        if len(rest) > LONGEST:
            raise TooLong
        yield from (line.decode("utf-8", "replace") for line in whole)
