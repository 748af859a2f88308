"""Several people at once: each piece of work in a thread with a database connection of its own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

LIMIT = 180  # seconds


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all of them at the same moment. What each gave back, or the exception that it raised, in order."""
    start = threading.Barrier(len(works))

    def work(one: Callable[[], Any]) -> Any:
        start.wait(LIMIT)
        return one()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(_with_own_connection, work, one) for one in works]
        return [future.exception(LIMIT) or future.result() for future in futures]


@contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Run it beside the body; its end is waited for."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_with_own_connection, work)


def _with_own_connection(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    finally:
        connection.close()
