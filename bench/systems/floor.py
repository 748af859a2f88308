"""The floor: an epoll loop that writes each frame to each socket and does nothing else. No ping, no close, no rights.

`python -m bench.systems.floor PORT REDIS_URL CHANNEL`
"""

import base64
import contextlib
import hashlib
import select
import socket
import sys

import redis

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


def framed(text: bytes) -> bytes:
    """One unmasked text frame of 126 to 65,535 bytes."""
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text


class Floor:
    def __init__(self, port: int, redis_url: str, channel: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.listener.setblocking(False)
        self.pubsub = redis.Redis.from_url(redis_url).pubsub(ignore_subscribe_messages=True)
        self.pubsub.subscribe(channel)
        self.pubsub.get_message(timeout=5)
        self.hints = self.pubsub.connection._sock
        self.sockets: dict[int, socket.socket] = {}
        self.unsent: dict[int, bytes] = {}
        self.epoll = select.epoll()
        for source in (self.listener, self.hints):
            self.epoll.register(source, select.EPOLLIN)

    def run(self) -> None:
        while True:
            for fd, event in self.epoll.poll():
                if fd == self.listener.fileno():
                    self.accept()
                elif fd == self.hints.fileno():
                    self.broadcast()
                elif event & select.EPOLLOUT:
                    self.resume(fd)
                else:
                    self.read(fd)

    def accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                client, _ = self.listener.accept()
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.sockets[client.fileno()] = client
                self.epoll.register(client, select.EPOLLIN)

    def read(self, fd: int) -> None:
        try:
            data = self.sockets[fd].recv(65536)
        except ConnectionError:
            data = b""
        if data.startswith(b"GET"):
            self.upgrade(fd, data)
        elif not data:
            self.epoll.unregister(fd)
            self.sockets.pop(fd).close()
            self.unsent.pop(fd, None)

    def upgrade(self, fd: int, data: bytes) -> None:
        key = data.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.write(fd, head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    def broadcast(self) -> None:
        """All that has come by now in one write."""
        data = b""
        while message := self.pubsub.get_message(timeout=0):
            data += framed(message["data"])
        for fd in list(self.sockets):
            self.write(fd, data)

    def write(self, fd: int, data: bytes) -> None:
        if fd in self.unsent:
            self.unsent[fd] += data
            return
        try:
            sent = self.sockets[fd].send(data)
        except BlockingIOError:
            sent = 0
        except ConnectionError:
            return  # its end will be read
        if sent < len(data):
            self.unsent[fd] = data[sent:]
            self.epoll.modify(fd, select.EPOLLIN | select.EPOLLOUT)

    def resume(self, fd: int) -> None:
        self.epoll.modify(fd, select.EPOLLIN)
        self.write(fd, self.unsent.pop(fd))


if __name__ == "__main__":
    Floor(int(sys.argv[1]), *sys.argv[2:]).run()
