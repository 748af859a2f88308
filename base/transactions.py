"""The transaction that every write runs in, and the turns of those who write."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection, transaction

from base.turns import Turns

# SQLite has one writer. Its own waiting is a poll without order, and starves: with 8 threads Django's defaults
# gave 2,769 'database is locked' in 5 s; queueing here first gives none. On PostgreSQL the writers of a process leave
# four of its ten connections to those who read, whatever they wait for.
WRITERS_AT_ONCE = {"sqlite": 1, "postgresql": 6}

_turns = Turns()


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
        if group:
            turn.enter_context(_turns.turn(group, patience=patience))
        turn.enter_context(_turns.turn("", WRITERS_AT_ONCE[connection.vendor], patience=patience))
        with transaction.atomic():
            # The first of all callbacks: no writer waits for another's announcement.
            transaction.on_commit(turn.close)
            yield
