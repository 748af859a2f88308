"""Accepts the connections of all workers, in a thread of their parent process, and hands each to the one that has the
fewest. It never reads from a connection, and keeps its own descriptor of it until the worker says that it took it."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections import deque
from typing import Self

from realtime import handed_over
from realtime.least_connections import REST, Load, least
from realtime.listener import EXHAUSTED
from realtime.refusals import refused

logger = logging.getLogger(__name__)


class Worker(Load[socket.socket]):
    """`pair` is our end of the worker's pair."""

    def __init__(self, pair: socket.socket) -> None:
        super().__init__()
        self.pair = pair


class Balancer:
    """Closes the port with the `with` block at the latest."""

    def __init__(self, port: socket.socket, backlog: int) -> None:
        self._port, self._backlog = port, backlog
        self._workers: list[Worker] = []
        self._returned: deque[socket.socket] = deque()  # that a worker did not take
        self._turn = 0
        self._listens = self._watches = False
        self._rests = False  # since there was no descriptor
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="balancer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close_port()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for worker in self._workers:
            self._returned.extend(worker.on_its_way)
            worker.pair.close()
        for connection in self._returned:
            connection.close()
        self._loop.close()

    # --- From other threads ---------------------------------------------------------------------------------

    def add_worker(self) -> socket.socket:
        """Make a pair for one that is about to start, and return its end of it."""
        ours, its = socket.socketpair()
        ours.setblocking(False)
        self._loop.call_soon_threadsafe(self._add, Worker(ours))
        return its

    def close_port(self) -> None:
        """Accept nobody else. More than once is no harm."""
        self._loop.call_soon_threadsafe(self._close_port)

    # --- In its own -----------------------------------------------------------------------------------------

    def _add(self, worker: Worker) -> None:
        self._workers.append(worker)
        self._loop.add_reader(worker.pair, self._hear, worker)

    def _close_port(self) -> None:
        self._watch(False)
        self._port.close()

    def _hear(self, worker: Worker) -> None:
        try:
            words = worker.pair.recv(4096)
        except BlockingIOError:
            return
        except ConnectionError:  # it closed, or died, with something on its way
            words = b""
        if not words:
            self._lose(worker)
        for word in words:
            self._heed(worker, bytes((word,)))
        self._deal()

    def _heed(self, worker: Worker, word: bytes) -> None:
        if word == handed_over.READY:
            worker.is_ready = True
        elif word == handed_over.TAKEN:
            worker.take(self._loop.time()).close()
        elif word == handed_over.NO_DESCRIPTOR:
            self._returned.append(worker.refuse(self._loop.time()))
        elif word == handed_over.CLOSED:
            worker.close()

    def _lose(self, worker: Worker) -> None:
        self._loop.remove_reader(worker.pair)
        worker.pair.close()
        self._workers.remove(worker)
        self._returned.extend(worker.on_its_way)

    def _deal(self) -> None:
        """Hand on whoever waits, for as long as a worker has room; the others wait in the kernel's queue."""
        now = self._loop.time()
        while (worker := least(self._workers, now)) and (connection := self._next()):
            self._hand(connection, worker, now)
        self._watch(worker is not None)
        if worker is None or self._rests:
            self._look_later()

    def _next(self) -> socket.socket | None:
        if self._returned:
            return self._returned.popleft()
        if self._port.fileno() < 0 or self._rests:
            return None
        if not self._listens:  # until somebody can serve, nobody is kept waiting
            self._port.listen(self._backlog)
            self._port.setblocking(False)
            self._listens = True
        try:
            return self._port.accept()[0]
        except OSError as error:  # nobody waits any more, or not this one
            if error.errno in EXHAUSTED:
                refused("No descriptor is left for a connection")
                self._rests = True
            return None

    def _hand(self, connection: socket.socket, worker: Worker, now: float) -> None:
        try:
            socket.send_fds(worker.pair, [b"\0"], [connection.fileno()])
        except (
            OSError
        ):  # it has closed, and what it still said comes first; or too many descriptors are on their way
            worker.rest(now)
            self._returned.append(connection)
        else:
            self._turn += 1
            worker.give(connection, self._turn, now)

    def _look_later(self) -> None:
        """See again soon: who rests, or does not take, does not say when that is over."""
        if self._timer is None:
            self._timer = self._loop.call_later(REST, self._look)

    def _look(self) -> None:
        self._timer, self._rests = None, False
        self._deal()

    def _watch(self, wanted: bool) -> None:
        """Look at the port only while there is somebody to hand on to."""
        wanted = wanted and self._listens and not self._rests and self._port.fileno() >= 0
        if wanted != self._watches:
            self._watches = wanted
            if wanted:
                self._loop.add_reader(self._port, self._deal)
            else:
                self._loop.remove_reader(self._port)
