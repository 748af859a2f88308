"""The thread that writes to one organization: at a steady rate, and what it is ordered to in between."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from django.db import close_old_connections

from bench.faults.book import ROLLED_BACK, Book, Target, Written
from bench.faults.deeds import Deeds, Events, RollBack

PAUSE = 0.05  # seconds between two looks of a writer that writes nothing

Deed = Callable[[Deeds], Events]


class Writer(threading.Thread):
    """`rate` is in writes a second; 0 is a pause."""

    def __init__(self, target: Target, book: Book) -> None:
        super().__init__(daemon=True)
        self.rate = 0.0
        self._target, self._book, self._deeds = target, book, Deeds(target, book)
        self._writing = threading.Lock()
        self._orders: queue.Queue[tuple[Deed, Future[Written]]] = queue.Queue()

    def order(self, deed: Deed) -> Written:
        """Have it done in this thread, between two others, and wait for it."""
        done: Future[Written] = Future()
        self._orders.put((deed, done))
        return done.result()

    def set_rate(self, rate: float) -> None:
        """When it returns, the write that was under way is in the book."""
        self.rate = rate
        with self._writing:
            return

    def run(self) -> None:
        due = time.monotonic()
        while True:
            pause = PAUSE
            if self.rate:
                due = max(due + 1 / self.rate, time.monotonic())
                pause = max(due - time.monotonic(), 0.001)
            try:
                deed, done = self._orders.get(timeout=pause)
            except queue.Empty:
                with self._writing:
                    if self.rate:
                        self._do(Deeds.comment)
            else:
                done.set_result(self._do(deed))

    def _do(self, deed: Deed) -> Written:
        """Do it and put it in the book; what fails stands there too."""
        began = time.monotonic()
        positions, problem = [], ""
        try:
            positions = [event.position for event in deed(self._deeds)]
        except RollBack:
            problem = ROLLED_BACK
        except Exception as error:  # noqa: BLE001 - a row may break anything; the book says what it was
            problem = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        close_old_connections()
        written = Written(self._target.org_id, began, time.monotonic(), positions, problem)
        self._book.enter(written)
        return written
