"""What readers missed: the events between their cursors and the logs' heads, each with what it means to them.

The sockets and the API both answer from here, for any number of readers with the same few queries. Nothing beyond the
head that `org_inboxes` saw is returned, so a client that goes on from that head misses nothing and sees nothing twice.
What was written is read in pieces (`inbox/replay_pieces.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from events.cursors import Cursor
from events.models import TaskEvent
from events.sizes import fitting
from inbox import replay_queries
from inbox.frames import ReplaySummary
from inbox.models import Notification
from inbox.replay_pieces import READ, Texts, read_on, small, weight
from inbox.replay_plan import Ask, Plan, Points, just_before, plan_for, plan_for_count, starts_of
from inbox.replay_queries import Item, Planned, points_at
from inbox.standing import Standing


class Replay(NamedTuple):
    """`missed` is None where the number is not known (another history). `begun`: the frames of the first items; none
    where they are large, or others were read first. The rest is the reader's to read on."""

    mode: str
    missed: int | None
    items: list[Item]
    begun: list[bytes]
    starts: Mapping[int, Cursor] = {}  # by organization id, where the reader stands before the first of them

    def standing(self, heads: Iterable[Cursor]) -> Standing:
        """Follow the reader from frame to frame, up to these heads of their logs."""
        return Standing(self.starts, heads, [item.cursor for item in self.items])

    def summary(self) -> ReplaySummary:
        return ReplaySummary(self.mode, len(self.items), self.missed)


def replays(asks: Sequence[Ask]) -> list[Replay]:
    """Read one for each ask, in their order: by six queries, whatever their number, one more where
    somebody gets the newest of several logs, and one for each reader who may have missed too much."""
    points = replay_queries.read_points(asks)
    planned = [(ask, _bounded(ask, plan_for(ask, points), points)) for ask in asks]
    tenths = replay_queries.tenth_newest([(ask, plan) for ask, plan in planned if plan.newest])
    planned = [(ask, plan.not_older_than(tenths.get(ask.user_id, 0))) for ask, plan in planned]
    index = replay_queries.Index(planned, replay_queries.Rows(planned))
    items = [index.items(ask, plan) for ask, plan in planned]
    begun = read_on([small(own or []) for own in items])
    starts = _starts(planned, items)
    return [
        _replay(plan, own, texts, start)
        for (_, plan), own, texts, start in zip(planned, items, begun, starts, strict=True)
    ]


def events_after(org_id: int, position: int, limit: int) -> list[TaskEvent]:
    """Read the next events of a log, in order: how a hole in the live stream is filled. Fewer than the limit where they
    are large; none only at the log's end."""
    log = TaskEvent.objects.filter(organization_id=org_id, position__gt=position).order_by("position")
    sizes = log.sized().values_list(*["octets"])[:limit]
    count = fitting((weight(octets) for (octets,) in sizes), READ)
    return list(log.readable()[:count])


def reasons_in_rows(event_ids: Iterable[int], user_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """Read event id -> {user id: reason}, as delivered to these users."""
    rows = Notification.objects.filter(event_id__in=list(event_ids), recipient_id__in=list(user_ids))
    reasons: dict[int, dict[int, str]] = {}
    for event_id, user_id, reason in rows.values_list("event_id", "recipient_id", "reason"):
        reasons.setdefault(event_id, {})[user_id] = reason
    return reasons


def _bounded(ask: Ask, planned: Plan, points: Points) -> Plan:
    """Keep the plan, or reset where too much was missed. A log may hold many events that are not addressed to the
    user: then only counting the rows tells."""
    if not planned.may_be_too_far:
        return planned
    return plan_for_count(ask, planned, replay_queries.count_rows(ask, planned), points)


def _starts(planned: Sequence[Planned], items: Sequence[list[Item] | None]) -> list[dict[int, Cursor]]:
    """Say where each stands before the first frame. A query where somebody is given the newest of several logs."""
    got = [[item.cursor for item in own or ()] for own in items]
    before = [set(just_before(ask, plan, own)) for (ask, plan), own in zip(planned, got, strict=True)]
    wanted = set().union(*before)
    points = points_at(wanted) if wanted else {}
    return [
        starts_of(ask, plan)
        | {
            org_id: Cursor(org_id, at, points[org_id, at][1][:8])
            for org_id, at in own
            if (org_id, at) in points
        }
        for (ask, plan), own in zip(planned, before, strict=True)
    ]


def _replay(planned: Plan, items: list[Item] | None, begun: Texts, starts: Mapping[int, Cursor]) -> Replay:
    if items is None or begun is None:
        return Replay("reset", None, [], [])
    missed = len(items) if planned.mode == "resume" else planned.missed
    return Replay(planned.mode, missed, items, begun, starts)
