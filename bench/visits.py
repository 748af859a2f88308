"""People who ask for pages over connections that are kept alive, each the next as soon as the last has come."""

import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import NamedTuple

from bench.heard import percentile

READ = 256 * 1024
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
FINE = (b"200", b"201", b"302")
LIMIT = 60.0  # seconds that an answer may take

Ask = Callable[[], bytes]  # the next request of somebody


class Visited(NamedTuple):
    """Seconds, sorted: from the first byte of each request to the last of its answer."""

    times: list[float]
    seconds: float

    @property
    def median(self) -> float:
        return percentile(self.times, 0.5)

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds


class Visitor:
    """One connection, kept alive."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> None:
        """Raises AssertionError for an answer that is none of what was asked for."""
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._read()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head[9:12] in FINE, head.decode(errors="replace")
        length = LENGTH.search(head)
        assert length, "An answer without its length."
        left = int(length[1]) - len(body)
        while left > 0:
            left -= len(self._read())

    def _read(self) -> bytes:
        some = self._socket.recv(READ)
        assert some, "The connection was closed before all of the answer came."
        return some

    def close(self) -> None:
        self._socket.close()


def request(port: int, path: str, cookie: str = "", *, form: str = "", keep: bool = True) -> bytes:
    """What a browser asks for, or a form that it sends."""
    address = f"127.0.0.1:{port}"
    lines = [
        f"{'POST' if form else 'GET'} {path} HTTP/1.1",
        f"Host: {address}",
        "Accept: text/html",
        "Accept-Encoding: gzip, deflate, br",
        *([f"Cookie: {cookie}"] if cookie else []),
        *([] if keep else ["Connection: close"]),
    ]
    if form:
        lines += [
            f"Origin: http://{address}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(form)}",
        ]
    return ("\r\n".join(lines) + "\r\n\r\n" + form).encode()


class Visitors:
    """Some connections to one server. They are open as long as it lasts, so each stays with the worker that took it."""

    def __init__(self, port: int, count: int) -> None:
        self._visitors = [Visitor(port) for _ in range(count)]

    def visit(self, asks: list[Ask], *, seconds: float = 0.0, least: int = 1) -> Visited:
        """Each asks what its own function says, for so long, and so often at least."""
        begin = time.monotonic()
        times: list[list[float]] = [[] for _ in asks]
        failures: list[BaseException] = []
        threads = [
            threading.Thread(target=_go_on, args=(visitor, ask, begin + seconds, least, own, failures))
            for visitor, ask, own in zip(self._visitors, asks, times, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return Visited(sorted(itertools.chain(*times)), time.monotonic() - begin)

    def close(self) -> None:
        for visitor in self._visitors:
            visitor.close()


def _go_on(
    visitor: Visitor,
    ask: Ask,
    end: float,
    least: int,
    times: list[float],
    failures: list[BaseException],
) -> None:
    try:
        while len(times) < least or time.monotonic() < end:
            begin = time.perf_counter()
            visitor.ask(ask())
            times.append(time.perf_counter() - begin)
    except (AssertionError, OSError) as error:
        failures.append(error)


def fresh(port: int, request: bytes, count: int) -> Iterator[float]:
    """Seconds of each answer when each is asked for over a connection of its own."""
    for _ in range(count):
        begin = time.perf_counter()
        with closing(Visitor(port)) as visitor:
            visitor.ask(request)
        yield time.perf_counter() - begin
