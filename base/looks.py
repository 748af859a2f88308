"""Looks at something that may not answer: one at a time, each in a thread of its own, and what it found is kept a
moment, however many ask."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 1.0  # seconds that an answer holds, whoever asks
LIMIT = 3.0  # seconds that somebody waits for it
STUCK = 10.0  # seconds after which a look is given up, and another made


class Look(Generic[T]):
    """`find` finds it, or raises."""

    def __init__(self, find: Callable[[], T]) -> None:
        self._find = find
        self._guard = threading.Lock()
        self._found: Future[T] | None = None
        self._began = 0.0

    def ask(self) -> T:
        """Wait for it. Raises TimeoutError where nothing came in time, and what `find` raises."""
        found, left = self._current()
        return found.result(left)

    async def aask(self) -> T:
        """Wait for it on the event loop, and for no other thread."""
        found, left = self._current()
        async with asyncio.timeout(left):
            return await asyncio.shield(asyncio.wrap_future(found))

    def _current(self) -> tuple[Future[T], float]:
        with self._guard:
            found, age = self._found, time.monotonic() - self._began
            if found is None or age > (KEPT if found.done() else STUCK):
                found, age = self._start(), 0.0
        return found, max(0.0, LIMIT - age)

    def _start(self) -> Future[T]:
        found: Future[T] = Future()
        self._found, self._began = found, time.monotonic()
        threading.Thread(target=self._answer, args=[found], name="look", daemon=True).start()
        return found

    def _answer(self, found: Future[T]) -> None:
        try:
            found.set_result(self._find())
        except Exception as error:  # noqa: BLE001 - raised again for whoever asked
            found.set_exception(error)
