"""The transaction that every write runs in, and the one seam across its commit.

Nothing else calls `on_commit`. What is announced here is a hint: the database is the truth, and whoever listens
must be able to live without any single announcement.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal

# Sent after the commit with `group` ("org-7" or "user-3") and `message` (a JSON-able dict with a "type").
announced = Signal()


Message = dict[str, Any]


def announce(group: str, message: Message | Callable[[], Message]) -> None:
    """Tell the group once the current transaction is committed; never if it is rolled back. What is given as a function
    is made after the commit."""

    def send() -> None:  # no partial: Django's report of a callback that failed asks for its name, and fails
        made = message() if callable(message) else message
        announced.send_robust(sender=None, group=group, message=made)

    transaction.on_commit(send, robust=True)


def org_group_name(org_id: int) -> str:
    return f"org-{org_id}"


def user_group_name(user_id: int) -> str:
    return f"user-{user_id}"


class FifoLock:
    """A lock that serves threads in the order they came: `threading.Lock` promises no order."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


# SQLite has one writer. Its own waiting is a poll without order, and starves: with 8 threads Django's defaults
# gave 2,769 'database is locked' in 5 s; queueing here first gives none.
_sqlite_writers = FifoLock()


@contextmanager
def write_transaction() -> Iterator[None]:
    """A transaction for a write. Inside another transaction it is a savepoint."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with ExitStack() as turn:
            turn.enter_context(_sqlite_writers)
            with transaction.atomic():
                # The first of all callbacks: no writer waits for another's announcement.
                transaction.on_commit(turn.close)
                yield
    else:
        with transaction.atomic():
            yield
