"""Writers wait for one another here, in the order they came, and hold no database connection meanwhile: whoever waits
for a lock of the database holds one, and a few of them would leave none to everybody else."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import OperationalError, connection

from base.connections import give_back

PATIENCE = 10.0  # seconds in a queue
MOST_WAITING = 300  # in one queue; each is a thread


class Busy(OperationalError):
    """Too many wait already, or one has waited too long. Nothing was done."""


@dataclass
class _Queue:
    inside: int = 0
    waiting: deque[threading.Lock] = field(default_factory=deque)


class Turns:
    """A queue for each place, made when somebody comes and gone with the last."""

    def __init__(self, patience: float = PATIENCE, most_waiting: int = MOST_WAITING) -> None:
        self._patience, self._most_waiting = patience, most_waiting
        self._guard = threading.Lock()
        self._queues: dict[str, _Queue] = {}

    @contextmanager
    def turn(self, place: str, room: int = 1, patience: float | None = None) -> Iterator[None]:
        """Let at most `room` threads in at a time. Raises Busy, after `patience` seconds if that is given."""
        if ticket := self._enter_or_queue(place, room):
            if connection.vendor == "postgresql":  # a file is open to all, and costs time to open anew
                give_back()
            patience = self._patience if patience is None else patience
            # A turn that comes in the last moment is taken.
            if not ticket.acquire(timeout=patience) and self._gives_up(place, ticket):
                raise Busy(f"waited {patience:g} s for a turn")
        try:
            yield
        finally:
            self._pass_on(place)

    def waiting(self, place: str) -> int:
        queue = self._queues.get(place)
        return len(queue.waiting) if queue else 0

    def _enter_or_queue(self, place: str, room: int) -> threading.Lock | None:
        """Give None to who is inside; else a locked ticket, which is released when its turn has come."""
        with self._guard:
            queue = self._queues.setdefault(place, _Queue())
            if queue.inside < room:
                queue.inside += 1
                return None
            if len(queue.waiting) >= self._most_waiting:
                raise Busy(f"{self._most_waiting} wait for a turn already")
            ticket = threading.Lock()
            ticket.acquire()
            queue.waiting.append(ticket)
            return ticket

    def _gives_up(self, place: str, ticket: threading.Lock) -> bool:
        with self._guard:
            queue = self._queues[place]
            if ticket in queue.waiting:
                queue.waiting.remove(ticket)
                return True
            return False

    def _pass_on(self, place: str) -> None:
        with self._guard:
            queue = self._queues[place]
            if queue.waiting:
                queue.waiting.popleft().release()
                return
            queue.inside -= 1
            if not queue.inside:
                del self._queues[place]
