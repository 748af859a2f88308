"""The queries behind a replay, for any number of readers at once. `inbox.replay_plan` decides what to read."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Left

from events.cursors import Cursor
from events.models import TaskEvent
from events.saves import whole_saves
from events.sentences import names_in
from inbox.event_frames import event_frame
from inbox.frames import SharedFrame
from inbox.models import Notification
from inbox.org_inboxes import COUNTED
from inbox.replay_plan import LATEST, Ask, Plan, Points, Span, points_of
from inbox.states import State
from orgs.models import User

Planned = tuple[Ask, Plan]


class Item(NamedTuple):
    """An event that a reader gets: how large what was written in it is, why they are told of it, and in which state
    their notification is."""

    event_id: int
    cursor: Cursor
    octets: int
    reason: str | None
    state: State


def read_points(asks: Iterable[Ask]) -> Points:
    return points_at(chain.from_iterable(map(points_of, asks)))


def points_at(wanted: Iterable[tuple[int, int]]) -> Points:
    positions: dict[int, set[int]] = {}
    for org_id, position in wanted:
        positions.setdefault(org_id, set()).add(position)
    found = TaskEvent.objects.filter(
        _any(Q(organization_id=org_id, position__in=some) for org_id, some in positions.items())
    )
    rows = found.values_list("organization_id", "position", "pk", "digest")
    return {(org_id, position): (pk, digest) for org_id, position, pk, digest in rows}


def count_rows(ask: Ask, plan: Plan) -> int:
    """Count them, not beyond COUNTED: whoever missed a million waits no longer than who missed a thousand."""
    rows = Notification.objects.filter(_any(_within(span) for span in plan.spans), recipient_id=ask.user_id)
    # From the newest on, as the key has them: the planner would read all of them first.
    return rows.order_by("-event_id").values("event_id")[:COUNTED].count()


def tenth_newest(planned: Iterable[Planned]) -> dict[int, int]:
    """Find user id -> event id of the oldest of the newest ten that are addressed to the user; who has fewer is
    missing. One look into the index for each user, however many rows they have."""
    users: dict[tuple[tuple[int, int], ...], set[int]] = {}
    for ask, plan in planned:
        ends = tuple((span.org_id, span.upto_id) for span in plan.spans)
        users.setdefault(ends, set()).add(ask.user_id)
    if not users:
        return {}
    mine = Notification.objects.filter(
        _any(
            Q(
                _any(Q(organization_id=org_id, event_id__lte=end) for org_id, end in ends),
                recipient_id__in=some,
            )
            for ends, some in users.items()
        ),
        recipient_id=OuterRef("pk"),
    )
    newest = mine.order_by("-event_id").values("event_id")
    asking = User.objects.filter(pk__in=set().union(*users.values()))
    found = asking.annotate(tenth=Subquery(newest[LATEST - 1 : LATEST])).values_list("pk", "tenth")
    return {user_id: tenth for user_id, tenth in found if tenth is not None}


class Rows:
    """What was delivered to the readers in their spans."""

    def __init__(self, planned: Iterable[Planned]) -> None:
        users: dict[Span, set[int]] = {}
        for ask, plan in planned:
            for span in plan.spans:
                if span.after_id < span.upto_id:
                    users.setdefault(span, set()).add(ask.user_id)
        found = Notification.objects.filter(
            _any(Q(_within(span), recipient_id__in=some) for span, some in users.items())
        )
        # user id -> event id -> organization id, reason, state
        self.of_user: dict[int, dict[int, tuple[int, str, State]]] = {}
        fields = ("recipient_id", "event_id", "organization_id", "reason", "state")
        for user_id, event_id, org_id, reason, state in found.values_list(*fields) if users else ():
            self.of_user.setdefault(user_id, {})[event_id] = org_id, reason, State(state)

    def addressed(self, ask: Ask, plan: Plan) -> Iterator[tuple[int, int]]:
        """Yield organizations and ids of the events in the reader's own spans, in order of ids: another socket of
        theirs may have asked for more."""
        spans = {span.org_id: span for span in plan.spans}
        for event_id, (org_id, _, _) in sorted(self.of_user.get(ask.user_id, {}).items()):
            if org_id in spans and spans[org_id].holds(event_id):
                yield org_id, event_id


class Index:
    """Which events these readers get, and how large they are. No text leaves the database for it."""

    def __init__(self, planned: Sequence[Planned], rows: Rows) -> None:
        self._rows = rows
        whole = _widest(span for ask, plan in planned if ask.whole for span in plan.spans)
        spans = {span.org_id: span for span in whole}
        single = {
            event_id
            for ask, plan in planned
            if not ask.whole
            for org_id, event_id in rows.addressed(ask, plan)
            if org_id not in spans or not spans[org_id].holds(event_id)
        }
        wanted = [
            Q(organization_id=span.org_id, position__gt=span.after, position__lte=span.upto)
            for span in whole
            if span.after < span.upto
        ]
        wanted += [Q(pk__in=single)] if single else []
        fields = ("pk", "organization_id", "position", Left("digest", 8), "octets")
        found = TaskEvent.objects.filter(_any(wanted)).sized().order_by("pk").values_list(*fields)
        self._found: dict[int, tuple[Cursor, int]] = {}
        self._ids: dict[int, list[int]] = {}
        for event_id, org_id, position, check, octets in found if wanted else ():
            self._found[event_id] = Cursor(org_id, position, check), octets
            self._ids.setdefault(org_id, []).append(event_id)

    def items(self, ask: Ask, plan: Plan) -> list[Item] | None:
        """List what the reader gets. None where some of it is gone, because somebody restores a backup."""
        told = self._rows.of_user.get(ask.user_id, {})
        nothing = (0, None, State.UNREAD)
        if ask.whole:
            event_ids = self._within(plan.spans[0])
        else:
            event_ids = [event_id for _, event_id in self._rows.addressed(ask, plan)]
        if any(event_id not in self._found for event_id in event_ids):
            return None
        return [
            Item(event_id, *self._found[event_id], *told.get(event_id, nothing)[1:]) for event_id in event_ids
        ]

    def _within(self, span: Span) -> list[int]:
        ids = self._ids.get(span.org_id, [])
        return ids[bisect_right(ids, span.after_id) : bisect_right(ids, span.upto_id)]


def frames_of(event_ids: Collection[int]) -> dict[int, SharedFrame]:
    """Make event id -> its frame. An event that is gone, because somebody restores a backup, is missing."""
    saves = whole_saves(TaskEvent.objects.readable().filter(pk__in=event_ids))
    names = names_in(chain.from_iterable(saves.values()))
    return {event_id: SharedFrame(event_frame(save[-1], names, save)) for event_id, save in saves.items()}


def _any(conditions: Iterable[Q]) -> Q:
    return Q(*conditions, _connector=Q.OR) or Q(pk__in=[])


def _within(span: Span) -> Q:
    return Q(organization_id=span.org_id, event_id__gt=span.after_id, event_id__lte=span.upto_id)


def _widest(spans: Iterable[Span]) -> list[Span]:
    """Make one for each organization, from the earliest beginning to the latest end."""
    widest: dict[int, Span] = {}
    for span in spans:
        known = widest.get(span.org_id, span)
        widest[span.org_id] = Span(
            span.org_id,
            after=min(known.after, span.after),
            upto=max(known.upto, span.upto),
            after_id=min(known.after_id, span.after_id),
            upto_id=max(known.upto_id, span.upto_id),
        )
    return list(widest.values())
