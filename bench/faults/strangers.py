"""Clients that nobody knows, each with a thread of its own: they hold connections, or send what no browser would."""

import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import NamedTuple, Self

LIMIT = 20.0  # seconds: who has no answer by then gets none
PIECE = b"a" * (1 << 16)


class Stranger(threading.Thread):
    """Does the same again and again, until the `with` ends."""

    def __init__(self, act: Callable[[], None], pause: float = 0.0) -> None:
        super().__init__(daemon=True)
        self._act, self._pause = act, pause
        self._leave = threading.Event()

    def run(self) -> None:
        while not self._leave.wait(self._pause):
            with suppress(OSError):
                self._act()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self.join(LIMIT)


class Held:
    """Connections on which the same was sent, and then a byte of `dribble` at a time: open, or ended by the server."""

    def __init__(self, port: int, count: int, sent: bytes = b"", dribble: bytes = b"") -> None:
        self._port, self._count, self._sent, self._dribble = port, count, sent, dribble
        self._sockets: list[socket.socket] = []

    def fill_up(self) -> None:
        """Open new ones in place of those that have ended."""
        self._sockets = [each for each in self._sockets if not _has_ended(each)]
        while len(self._sockets) < self._count:
            new = socket.create_connection(("127.0.0.1", self._port), LIMIT)
            new.sendall(self._sent)
            new.setblocking(False)
            self._sockets.append(new)

    def dribble(self) -> None:
        for each in self._sockets if self._dribble else ():
            with suppress(OSError):
                each.send(self._dribble)

    def open(self) -> int:
        return sum(not _has_ended(each) for each in self._sockets)

    def close(self) -> None:
        for each in self._sockets:
            each.close()


def _has_ended(client: socket.socket) -> bool:
    """Whatever it answered is taken from it."""
    try:
        while client.recv(1 << 16):
            pass
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


class Heard(NamedTuple):
    """The status of an answer, 0 without one, and the seconds to it and to the end of the connection."""

    status: int
    answered: float
    ended: float


def ask(port: int, sent: bytes) -> Heard:
    """Send something, and see what becomes of the connection."""
    began = time.monotonic()
    with closing(socket.create_connection(("127.0.0.1", port), LIMIT)) as client:
        status, answered = 0, LIMIT
        with suppress(OSError):
            client.sendall(sent)
            while data := client.recv(1 << 16):
                if not status:
                    status, answered = _status(data), time.monotonic() - began
    return Heard(status, answered, time.monotonic() - began)


def flood(port: int, head: bytes, size: int, *, chunked: bool) -> Heard:
    """Send a body of `size` bytes for as long as the server takes it, and look for an answer meanwhile."""
    began = time.monotonic()
    piece = b"%x\r\n%s\r\n" % (len(PIECE), PIECE) if chunked else PIECE
    with closing(socket.create_connection(("127.0.0.1", port), LIMIT)) as client:
        client.sendall(head)
        status, answered = 0, LIMIT
        with suppress(OSError):
            for _ in range(size // len(PIECE)):
                client.sendall(piece)
                if not status and (data := _what_is_there(client)):
                    status, answered = _status(data), time.monotonic() - began
        with suppress(OSError):
            if not status and (data := client.recv(1 << 16)):
                status, answered = _status(data), time.monotonic() - began
    return Heard(status, answered, time.monotonic() - began)


def _what_is_there(client: socket.socket) -> bytes:
    readable, _, _ = select.select([client], [], [], 0)
    return client.recv(1 << 16) if readable else b""


def _status(data: bytes) -> int:
    return int(data.split(maxsplit=2)[1])
