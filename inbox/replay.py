"""What readers missed: the events between their cursors and the logs' heads, each with what it means to them.

The sockets and the API both answer from here, for any number of readers with the same few queries. Nothing beyond the
head that `standings` saw is returned, so a client that goes on from that head misses nothing and sees nothing twice.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from events.models import TaskEvent
from inbox import missed
from inbox.frames import Frame
from inbox.missed import Item
from inbox.models import Notification
from inbox.spans import Ask, Plan, Points, counted, plan_for
from inbox.standing import Standing


class Replay(NamedTuple):
    """`missed` is None where the number is not known (another history)."""

    mode: str
    missed: int | None
    items: list[Item]

    @property
    def frames(self) -> list[Frame]:
        return [frame.marked(reason, unread) for frame, reason, unread in self.items]

    @property
    def texts(self) -> list[bytes]:
        """The frames as JSON. Readers of one batch share what is equal."""
        return [frame.text(reason, unread) for frame, reason, unread in self.items]

    def summary(self) -> dict[str, str | int | None]:
        return {"mode": self.mode, "count": len(self.items), "missed": self.missed}


def org_replay(place: Standing, user_id: int, after: str | None) -> Replay:
    """Every event of one organization after the cursor, marked for the user."""
    return replays([Ask(user_id, [place], after, whole=True)])[0]


def user_replay(places: Sequence[Standing], user_id: int, after: str | None) -> Replay:
    """What was addressed to the user after their cursors, over all their organizations, oldest first. An organization
    that the list does not name was joined meanwhile: all of it is new."""
    return replays([Ask(user_id, places, after, whole=False)])[0]


def replays(asks: Sequence[Ask]) -> list[Replay]:
    """One for each ask: five queries, whatever their number, and one more for each reader who may have missed too
    much."""
    points = missed.read_points(asks)
    planned = [(ask, _bounded(ask, plan_for(ask, points), points)) for ask in asks]
    tenths = missed.tenth_newest([(ask, plan) for ask, plan in planned if plan.newest])
    planned = [(ask, plan.since(tenths.get(ask.user_id, 0))) for ask, plan in planned]
    rows = missed.Rows(planned)
    log = missed.Log(planned, rows)
    return [_replay(plan, log.items(ask, plan)) for ask, plan in planned]


def events_after(org_id: int, position: int, limit: int) -> list[TaskEvent]:
    """The next events of a log, in order: how a hole in the live stream is filled."""
    events = TaskEvent.objects.readable().filter(organization_id=org_id, position__gt=position)
    return list(events.order_by("position")[:limit])


def reasons_in_rows(event_ids: Iterable[int], user_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """event id -> {user id: reason}, as delivered to these users."""
    rows = Notification.objects.filter(event_id__in=list(event_ids), recipient_id__in=list(user_ids))
    reasons: dict[int, dict[int, str]] = {}
    for event_id, user_id, reason in rows.values_list("event_id", "recipient_id", "reason"):
        reasons.setdefault(event_id, {})[user_id] = reason
    return reasons


def _bounded(ask: Ask, planned: Plan, points: Points) -> Plan:
    """A log may hold many events that are not addressed to the user: then only counting the rows tells."""
    if not planned.may_be_too_far:
        return planned
    return counted(ask, planned, missed.count_rows(ask, planned), points)


def _replay(planned: Plan, items: list[Item]) -> Replay:
    return Replay(planned.mode, len(items) if planned.mode == "resume" else planned.missed, items)
