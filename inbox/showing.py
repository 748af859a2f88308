"""Reading by showing: what a page shows of a person's notifications, they have read."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from base.statements import Statement, places, run
from inbox import marks
from inbox.states import Act, State


class Told(NamedTuple):
    """That somebody was told of an event, and why."""

    event_id: int
    reason: str
    unread: bool


def told_of(user_id: int, event_ids: Sequence[int]) -> list[Told]:
    """Find of which of these events the user was told, in one query."""
    mine = f"{_MINE} AND event_id IN ({places(event_ids)}) ORDER BY event_id"
    run(statement := Statement(mine, [user_id, *event_ids]))
    return [Told(event_id, reason, state == State.UNREAD) for event_id, reason, state in statement.rows]


_MINE = "SELECT event_id, reason, state FROM inbox_notification WHERE recipient_id = %s"


def read_shown(user_id: int, told: Iterable[Told]) -> int:
    """Read what is unread of it, in one mark; without any, nothing is written. Returns how many changed."""
    unread = [one.event_id for one in told if one.unread]
    return marks.mark(user_id, Act.READ, unread).changed if unread else 0
