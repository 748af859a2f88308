"""Clients that no library would be: those that never read."""

import socket
import time
from collections.abc import Callable
from typing import Self

from bench.faults.outside import peers
from bench.handshake import request

TRIES = 50
ENOUGH = 100_000  # bytes that show that the kernel took what was written
DELIVERED = 0.5  # seconds that a server may take to hand its frames to the kernel
SMALL = 4096  # bytes of receive buffer, so that the sender is stuck soon


class Deaf:
    """A socket that was welcomed and then never reads another byte."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self._port, self._path, self._cookie = port, path, cookie
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)

    def __enter__(self) -> Self:
        self._socket.settimeout(10)
        self._socket.connect(("127.0.0.1", self._port))
        self._socket.sendall(request(self._port, self._path, f"Cookie: {self._cookie}"))
        status = self._socket.recv(12)
        assert status == b"HTTP/1.1 101", status
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def is_held(self) -> bool:
        """Whether the server still has the connection."""
        return self.port in peers(self._port)

    def _unsent(self) -> int:
        return peers(self._port).get(self.port, 0)

    def get_stuck(self, write: Callable[[], object]) -> None:
        """Write until the kernel takes no more for this client, so that the server has to keep the rest or let go.
        `write` must be worth more than ENOUGH bytes."""
        for _ in range(TRIES):
            before = self._unsent()
            write()
            time.sleep(DELIVERED)
            if self._unsent() - before < ENOUGH:
                return
        raise AssertionError("the kernel still takes more")
