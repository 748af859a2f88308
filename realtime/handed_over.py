"""How connections cross from the process that accepts them to the worker that serves them: descriptors one way over a
pair of sockets, one byte for each word of the worker the other way."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from multiprocessing.reduction import DupFd
from typing import Any

from realtime.door import get_door
from realtime.listener import Connection, Limits, Listener
from realtime.refusals import refused

READY, TAKEN, NO_DESCRIPTOR, CLOSED = b"r", b"t", b"n", b"c"
AGAIN = 0.05  # seconds until the parent is told again what it had no room to hear
PARTING = 1.0  # seconds that it has to hear the last words
ROOM = socket.CMSG_LEN(4)  # for one descriptor
CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)

logger = logging.getLogger(__name__)


class WorkerEnd:
    """A worker's end of its pair, until its process has started: it is closed with the last reference, and a process
    that has started is referred to by nothing. So the pair ends with the worker, and the other end hears of it."""

    def __init__(self, end: socket.socket, limits: Limits, family: int) -> None:
        self._descriptor, self._limits, self._family = end.detach(), limits, family

    def __reduce__(self) -> tuple[Any, ...]:
        return _in_worker, (self._limits, self._family, DupFd(self._descriptor))

    def __del__(self) -> None:
        os.close(self._descriptor)


class HandedListener(Listener):
    """The worker's end, which asyncio and uvicorn take for a listening socket. It says what becomes of each connection
    before anything is read from it."""

    def __init__(self, limits: Limits, family: int, fileno: int) -> None:
        super().__init__(limits, family, fileno)  # the family of what comes over it
        self._unsaid = bytearray()

    def listen(self, backlog: int = 0, /) -> None:
        self.say(READY)

    def _next(self) -> tuple[Connection, Any]:
        try:
            word, descriptors, *_ = self.recvmsg(1, ROOM, CLOSE_ON_EXEC)
        except ConnectionResetError:  # killed with words of ours that it had not read
            word, descriptors = b"", []
        if not word:
            self._stop_worker()
            raise BlockingIOError
        if not descriptors:
            self.say(NO_DESCRIPTOR)
            refused("No descriptor is left for a connection")
            get_door().make_room()
            raise BlockingIOError
        self.say(TAKEN)
        descriptor = int.from_bytes(descriptors[0][2], sys.byteorder)
        connection = HandedConnection(self.family, self.type, self.proto, descriptor)
        connection.listener = self
        try:
            return connection, connection.getpeername()
        except OSError:  # they have gone
            connection.close()
            raise ConnectionAbortedError from None

    def _stop_worker(self) -> None:
        """End as if somebody had asked: nobody accepts any more."""
        asyncio.get_running_loop().remove_reader(self)
        logger.warning("The parent process is gone, so this worker stops")
        signal.raise_signal(signal.SIGTERM)

    def say(self, word: bytes) -> None:
        """Tell the parent in this turn of the event loop, in one piece with what else is to be said."""
        if self.fileno() < 0:
            return
        if not self._unsaid:
            asyncio.get_running_loop().call_soon(self._speak)
        self._unsaid += word

    def _speak(self) -> None:
        try:
            del self._unsaid[: self.send(self._unsaid)]
        except BlockingIOError:
            pass
        except OSError:  # it has gone, or we have
            self._unsaid.clear()
        if self._unsaid:
            asyncio.get_running_loop().call_later(AGAIN, self._speak)

    def close(self) -> None:
        """Take no more. What was sent and not taken goes to another worker; what was taken must not."""
        if self.fileno() >= 0 and self._unsaid:
            self.settimeout(PARTING)
            try:
                self.sendall(self._unsaid)
            except OSError:
                logger.warning("The parent process does not hear this worker")
        super().close()


class HandedConnection(Connection):
    __slots__ = ("listener",)
    listener: HandedListener

    def close(self) -> None:
        if self.fileno() >= 0:
            self.listener.say(CLOSED)
        super().close()


def _in_worker(limits: Limits, family: int, descriptor: Any) -> HandedListener:
    return HandedListener(limits, family, descriptor.detach())
