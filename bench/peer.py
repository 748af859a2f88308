"""One socket of the load client: its handshake, and the frames that it has heard."""

import contextlib
import socket

from bench.frames import MARK, PING, TEXT, answer, events, frames
from bench.heard import Arrival

ADDRESSES = 200  # loopback addresses that the sockets come from: no server sees all of them come from one
SOCKETIO_PING, SOCKETIO_PONG = b"2", b"3"


class Refused(Exception):
    """The server did not take this handshake."""


class Peer:
    """`request` is its handshake, `hello` what it sends once that is answered (Socket.IO's own handshake)."""

    def __init__(self, number: int, request: bytes, port: int, hello: bytes) -> None:
        self.number, self.request, self.hello = number, request, hello
        self.connected = self.upgraded = False
        self.streams = False  # server-sent events, not websocket frames
        self.texts = 0  # text frames so far
        self.arrivals: list[Arrival] = []
        self.tail = b""  # the end of what was received last
        self._rest = b""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.bind((f"127.0.1.{1 + self.number % ADDRESSES}", 0))
        self.socket.connect_ex(("127.0.0.1", port))

    @property
    def is_in_a_frame(self) -> bool:
        return bool(self._rest)

    def connect(self) -> None:
        """The connection stands: ask for the upgrade."""
        if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise Refused
        self.connected = True
        self.socket.send(self.request)

    def feed(self, data: bytes, moment: float) -> None:
        """What came of the socket, at that moment."""
        if not data:
            raise Refused
        self._rest += data
        if not self.upgraded:
            self._upgrade()
        if self.upgraded:
            self._hear(moment)

    def reply(self, data: bytes) -> None:
        """Answer at once when this is nothing but a ping. An answer too many does no harm."""
        if self.streams:
            return
        for frame in frames(data):
            payload = data[frame.start : frame.end]
            if frame.opcode == PING:
                self._send(answer(0xA, payload))
            elif frame.opcode == TEXT and payload == SOCKETIO_PING:
                self._send(answer(TEXT, SOCKETIO_PONG))

    def _upgrade(self) -> None:
        head, end, rest = self._rest.partition(b"\r\n\r\n")
        if not end:
            return
        self.streams = b" 200 " in head[:16] and b"text/event-stream" in head
        if not self.streams and b" 101 " not in head[:16]:
            raise Refused
        self.upgraded, self._rest = True, rest
        if self.hello:
            self._send(self.hello)

    def _hear(self, moment: float) -> None:
        data, end = self._rest, 0
        for opcode, start, end in events(data) if self.streams else frames(data):
            if opcode == TEXT and end - start > len(SOCKETIO_PING):
                self.texts += 1
                if found := MARK.search(data, start, end):
                    self.arrivals.append(Arrival(int(found[1]), moment, end - start))
            else:
                self.reply(data[start - 2 : end])
        self._rest = data[end:].lstrip(b"\r\n") if self.streams else data[end:]

    def _send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the server's own time limit tells whether it mattered
            self.socket.send(data)
