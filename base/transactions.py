"""The transaction that every write runs in, and the turns of those who write."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection, transaction

from base.figures import histogram
from base.turns import Turns

# SQLite has one writer. Its own waiting is a poll without order, and starves: with 8 threads Django's defaults
# gave 2,769 'database is locked' in 5 s; queueing here first gives none. On PostgreSQL the writers of a process leave
# four of its ten connections to those who read, whatever they wait for.
WRITERS_AT_ONCE = {"sqlite": 1, "postgresql": 6}

LOCK = histogram(
    "log_lock_wait_seconds",
    "From a writer's coming to the lock of its log: the turn in this process, then the row.",
)

_turns = Turns()
_asking = threading.local()


@contextmanager
def write_transaction(group: str = "", *, patience: float | None = None) -> Iterator[None]:
    """Open a transaction for a write; inside another one it is a savepoint. All writers of a `group` lock the same
    row first: they queue here for their turn, so that one of them at most waits for that row in the database. Raises
    Busy when the turn does not come, within `patience` seconds where that is said."""
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with ExitStack() as turn:
        _asking.since = time.monotonic()
        if group:
            turn.enter_context(_turns.turn(group, patience=patience))
        turn.enter_context(_turns.turn("", WRITERS_AT_ONCE[connection.vendor], patience=patience))
        with transaction.atomic():
            # The first of all callbacks: no writer waits for another's announcement.
            transaction.on_commit(turn.close)
            yield


def log_locked() -> None:
    """Count how long this writer has waited for the log that it has just locked; once in a transaction."""
    since, _asking.since = getattr(_asking, "since", None), None
    if since is not None:
        LOCK.observe(time.monotonic() - since)
