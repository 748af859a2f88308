"""A way to a server that can be moved to another one, or fall silent: it stays open and swallows what it is given."""

import socket
import threading
from contextlib import suppress
from typing import Self

CHUNK = 64 * 1024


class Way:
    """One connection: from its client to the server and back, by a thread each."""

    def __init__(self, client: socket.socket, server: socket.socket | None) -> None:
        self.ends = [end for end in (client, server) if end]
        self.is_silent = server is None
        for end in self.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server:
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._hand_on, args=(source, sink), daemon=True).start()

    def _hand_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while some := source.recv(CHUNK):
                if not self.is_silent:
                    self.hand(some, source, sink)
        if not self.is_silent:
            self.end()

    def hand(self, some: bytes, source: socket.socket, sink: socket.socket) -> None:
        sink.sendall(some)

    def end(self) -> None:
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Relay:
    """Listens on `port` of the loopback, and hands on to `target`, another one."""

    def __init__(self, target: int, way: type[Way] = Way) -> None:
        self._target: int | None = target
        self._way = way
        self._ways: list[Way] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def swallow(self) -> None:
        """Fall silent: for good on the ways that are open, and on those that come until `lead_to`."""
        self._target = None
        for way in self._ways:
            way.is_silent = True

    def lead_to(self, target: int) -> None:
        """Serve whoever comes from now on."""
        self._target = target

    def break_off(self) -> None:
        """End all that is open."""
        ways, self._ways = self._ways, []
        for way in ways:
            way.end()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = self._target and socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    client.close()
                else:
                    self._ways.append(self._way(client, server or None))

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self.break_off()
