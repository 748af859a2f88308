"""The one seam across a commit: what the database has taken is told to whoever listens.

Nothing else calls `on_commit` to tell anybody. What is announced is a hint: the database is the truth, and whoever
listens must be able to live without any single announcement.
"""

from collections.abc import Callable

from django.db import transaction
from django.dispatch import Signal

from base.messages import Message

# Sent after the commit with `group` ("org-7" or "user-3") and `message` (a Message).
announced = Signal()


def announce(group: str, message: Message | Callable[[], Message]) -> None:
    """Tell the group once the current transaction is committed; never if it is rolled back. A function given as
    `message` is called after the commit."""

    def send() -> None:  # no partial: Django's report of a callback that failed asks for its name, and fails
        made = message() if callable(message) else message
        announced.send_robust(sender=None, group=group, message=made)

    transaction.on_commit(send, robust=True)


def org_group_name(org_id: int) -> str:
    return f"org-{org_id}"


def user_group_name(user_id: int) -> str:
    return f"user-{user_id}"


def org_of_group(group: str) -> int | None:
    """Read the organization's id from the group's name; None for another group."""
    kind, _, number = group.partition("-")
    return int(number) if kind == "org" and number.isdecimal() else None
