"""A database that is a way off: a relay that holds each piece back for half the way, and hears what is asked."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from servers import Relay
from servers.relay import Way

BEGIN = b"BEGIN"
COMMIT = b"COMMIT\0"


class SlowWay(Way):
    half = 0.0  # seconds in each direction

    def hand(self, some: bytes, source: socket.socket, sink: socket.socket) -> None:
        time.sleep(self.half)
        sink.sendall(some)


class HeardWay(Way):
    """`asked` is what the client said before each time that it waited."""

    asked: list[bytes]

    def __init__(self, client: socket.socket, server: socket.socket | None) -> None:
        self.client, self.waits = client, True
        super().__init__(client, server)

    def hand(self, some: bytes, source: socket.socket, sink: socket.socket) -> None:
        if source is self.client:
            if self.waits:
                self.asked.append(b"")
            self.asked[-1] += some
        self.waits = source is not self.client
        sink.sendall(some)


@contextmanager
def far(url: str, milliseconds: float) -> Iterator[str]:
    """The same database at another address, so far away, there and back."""
    with _by_way_of(url, type("_SlowWay", (SlowWay,), {"half": milliseconds / 2000})) as other:
        yield other


@contextmanager
def overheard(url: str) -> Iterator[tuple[str, list[bytes]]]:
    """The same database at another address, and what is asked there."""
    asked: list[bytes] = []
    with _by_way_of(url, type("_HeardWay", (HeardWay,), {"asked": asked})) as other:
        yield other, asked


@contextmanager
def _by_way_of(url: str, way: type[Way]) -> Iterator[str]:
    parts = urlsplit(url)
    assert parts.port
    with Relay(parts.port, way) as relay:
        yield urlunsplit(parts._replace(netloc=parts.netloc.replace(str(parts.port), str(relay.port))))


def waits_within(asked: list[bytes]) -> int:
    """How often its client waited within the last transaction: after BEGIN was answered, before it said COMMIT."""
    begins = [number for number, said in enumerate(asked) if BEGIN in said]
    inside = asked[begins[-1] :]
    if len(inside[0]) == len(BEGIN) + 6:  # nothing but BEGIN: a letter and a length before it, a zero behind
        inside = inside[1:]
    return next(number for number, said in enumerate(inside) if COMMIT in said)
