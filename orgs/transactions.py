"""The transaction that every write runs in, and the one seam across its commit.

Nothing else calls `on_commit`. What is announced here is a hint: the database is the truth, and whoever listens
must be able to live without any single announcement.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal

from orgs.turns import Turns

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


# SQLite has one writer. Its own waiting is a poll without order, and starves: with 8 threads Django's defaults
# gave 2,769 'database is locked' in 5 s; queueing here first gives none. On PostgreSQL the writers of a process leave
# four of its ten connections to those who read, whatever they wait for.
WRITERS_AT_ONCE = {"sqlite": 1, "postgresql": 6}

_turns = Turns()


@contextmanager
def write_transaction(group: str = "") -> Iterator[None]:
    """A transaction for a write. Inside another transaction it is a savepoint.

    All writers of a `group` lock the same row first: they queue here for their turn, so that one of them at most waits
    for that row in the database. Raises Busy when the turn does not come."""
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with ExitStack() as turn:
        if group:
            turn.enter_context(_turns.turn(group))
        turn.enter_context(_turns.turn("", WRITERS_AT_ONCE[connection.vendor]))
        with transaction.atomic():
            # The first of all callbacks: no writer waits for another's announcement.
            transaction.on_commit(turn.close)
            yield
