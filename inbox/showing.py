"""Reading by showing: what a page shows of a person's notifications, they have read."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from inbox import marks
from inbox.models import Notification
from inbox.states import Act, State


class Told(NamedTuple):
    """That somebody was told of an event, and why."""

    event_id: int
    reason: str
    unread: bool


def told_of(user_id: int, event_ids: Collection[int]) -> list[Told]:
    """Find of which of these events the user was told, in one query."""
    mine = Notification.objects.filter(recipient_id=user_id, event_id__in=event_ids)
    rows = mine.order_by("event_id").values_list("event_id", "reason", "state")
    return [Told(event_id, reason, state == State.UNREAD) for event_id, reason, state in rows]


def read_shown(user_id: int, told: Iterable[Told]) -> int:
    """Read what is unread of it, in one mark; without any, nothing is written. Returns how many changed."""
    unread = [one.event_id for one in told if one.unread]
    return marks.mark(user_id, Act.READ, unread).changed if unread else 0
