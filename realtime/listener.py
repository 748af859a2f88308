"""The socket that `serve` listens on. It lets in as many connections as there are places for, and turns the others away
before anything is made for them."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from typing import Any, NamedTuple

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from realtime.addresses import address_of
from realtime.door import get_door
from realtime.refusals import refused

USER_TIMEOUT = 15_000  # milliseconds without an acknowledgement before the kernel gives a peer up
AT_ONCE = 100  # connections that are turned away in one turn of the event loop
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Limits(NamedTuple):
    """`proxies` are addresses as uvicorn's FORWARDED_ALLOW_IPS has them: what comes from there counts in all only."""

    total: int
    per_address: int
    proxies: list[str] | str


class Listener(socket.socket):
    """Takes over the descriptor. The places are this process's."""

    def __init__(self, limits: Limits, family: int, fileno: int) -> None:
        # With the protocol's number, since asyncio turns Nagle's algorithm off only where it sees that this is TCP.
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno)
        self._proxies = ProxyHeadersMiddleware(_nobody, limits.proxies).trusted_hosts
        get_door().limit(limits.total, limits.per_address)

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept the next connection that has a place. Raises BlockingIOError, as if nobody waited, when the event
        loop should have its turn first."""
        door = get_door()
        for _ in range(AT_ONCE):
            is_full = door.connections.is_full
            if is_full and door.make_room():
                refused("No place for another connection: those go that are waited for longest")
                raise BlockingIOError  # until then their descriptors are taken
            connection, peer = self._next()
            if is_full:
                refused("Too many connections")
            elif door.enter(connection.fileno(), self._address(peer)):
                return connection, peer
            else:
                refused("Too many connections of one address,", f"from {address_of(peer[0])}")
            _turn_away(connection)
        raise BlockingIOError

    def _next(self) -> tuple[Connection, Any]:
        try:
            connection, peer = super().accept()
        except OSError as error:
            if error.errno not in EXHAUSTED:
                raise
            refused("No descriptor is left for a connection")
            get_door().make_room()
            raise BlockingIOError from None
        return Connection(self.family, self.type, self.proto, connection.detach()), peer

    def _address(self, peer: Any) -> str | None:
        host = str(peer[0])
        return None if host in self._proxies else address_of(host)


class Connection(socket.socket):
    """Has a place until its descriptor is closed."""

    def close(self) -> None:
        get_door().connections.leave(self.fileno())
        super().close()


def open_port(host: str, port: int) -> socket.socket:
    """Bind the port; whoever can serve it listens. Raises OSError, and OverflowError for what is no port."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT)
        bound.bind((host, port))
    except (OSError, OverflowError):
        bound.close()
        raise
    return bound


def _turn_away(connection: Connection) -> None:
    with suppress(OSError):
        connection.setblocking(False)
        connection.send(BUSY)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1 << 16)  # what nobody has read would make the kernel take the answer back
    connection.close()


async def _nobody(*_: Any) -> None:
    raise NotImplementedError
