"""The load client: thousands of sockets in one process of its own, which `bench/crowd.py` steers over a pipe."""

import select
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NamedTuple

from bench.heard import Heard
from bench.peer import Peer, Refused
from bench.recording import READ, Recording

RETRY = 0.2  # seconds before a refused handshake is tried again
OPENING = 600.0  # seconds that opening all sockets may take


class Opened(NamedTuple):
    seconds: float
    refused: int


class Dial(NamedTuple):
    """A socket for each request, `window` handshakes at a time. `hello` is sent when the handshake is answered. A
    socket is open once it has had `texts` text frames."""

    port: int
    requests: list[bytes]
    texts: int
    window: int
    hello: bytes = b""


class Client:
    def __init__(self) -> None:
        self.peers: dict[int, Peer] = {}
        self.epoll = select.epoll()
        self.recording: Recording | None = None
        self.bytes = 0  # beside recordings

    def open(self, dial: Dial) -> Opened:
        """Returns when all are open. Those who are refused come again, as people do."""
        begin, refused = time.monotonic(), 0
        waiting = list(enumerate(dial.requests))[::-1]
        later: list[tuple[float, tuple[int, bytes]]] = []
        opening: set[int] = set()
        while waiting or later or opening:
            if time.monotonic() - begin > OPENING:
                raise TimeoutError(
                    f"{len(self.peers)} sockets of {len(dial.requests)} are open, {refused} were refused"
                )
            while waiting and len(opening) < dial.window:
                opening.add(self._register(Peer(*waiting.pop(), dial.port, dial.hello)))
            for fd, _ in self.epoll.poll(RETRY / 4):
                peer = self.peers[fd]
                if not self._advance(fd, peer):
                    refused += 1
                    opening.discard(fd)
                    later.append((time.monotonic() + RETRY, (peer.number, peer.request)))
                elif peer.upgraded and peer.texts >= dial.texts:
                    opening.discard(fd)
            waiting += [again for due, again in later if due <= time.monotonic()]
            later = [(due, again) for due, again in later if due > time.monotonic()]
        return Opened(time.monotonic() - begin, refused)

    def start(self, size: int) -> None:
        """Listen for events; about `size` bytes are expected."""
        self.recording = Recording(self.epoll, self.peers, size)

    def wait(self, mark: bytes, quiet: float) -> tuple[int, float]:
        assert self.recording
        return self.recording.wait(mark, quiet)

    def finish(self, sent: Mapping[int, float]) -> tuple[Heard, float]:
        assert self.recording
        recording, self.recording = self.recording, None
        return recording.finish(sent)

    def received(self) -> tuple[int, int]:
        """Text frames of the sockets that are open, and bytes of all, beside recordings."""
        return sum(peer.texts for peer in self.peers.values()), self.bytes

    def close(self) -> None:
        for fd in list(self.peers):
            self._drop(fd)

    def idle(self, orders: Connection) -> None:
        """Keep the sockets alive until an order comes. What comes early during a recording waits for it in the kernel,
        so that all of it is read in one place and in order."""
        if self.recording:
            return
        self.epoll.register(orders.fileno(), select.EPOLLIN)
        while not orders.poll(0):
            for fd, _ in self.epoll.poll():
                if fd in self.peers:
                    self._advance(fd, self.peers[fd])
        self.epoll.unregister(orders.fileno())

    def _register(self, peer: Peer) -> int:
        fd = peer.socket.fileno()
        self.peers[fd] = peer
        self.epoll.register(fd, select.EPOLLOUT)
        return fd

    def _advance(self, fd: int, peer: Peer) -> bool:
        """Whether the socket still stands."""
        try:
            if peer.connected:
                data = peer.socket.recv(READ)
                self.bytes += len(data)
                peer.feed(data, time.monotonic())
            else:
                peer.connect()
                self.epoll.modify(fd, select.EPOLLIN)
        except (Refused, OSError):
            self._drop(fd)
            return False
        return True

    def _drop(self, fd: int) -> None:
        self.epoll.unregister(fd)
        self.peers.pop(fd).socket.close()


def serve(orders: Connection) -> None:
    """Carry out orders, each a method's name and its arguments, until the pipe is closed. What goes wrong is the
    answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who gives the orders hears it, and closes the pipe
    client = Client()
    with suppress(EOFError, BrokenPipeError):
        while True:
            client.idle(orders)
            name, arguments = orders.recv()
            try:
                answer = getattr(client, name)(*arguments)
            except Exception as error:  # noqa: BLE001 - it is raised at the other end
                answer = error
            orders.send(answer)
