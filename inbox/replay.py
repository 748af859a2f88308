"""What a reader missed: the events between their cursor and the log's head, each with what it means to them.

The sockets and the API both answer from here. Nothing beyond the head that `standings` saw is returned, so a client
that goes on from that head misses nothing and sees nothing twice.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import Q, QuerySet

from events.cursors import Cursor, parse_many
from events.models import GENESIS, TaskEvent
from events.sentences import names_in
from inbox.frames import Frame, Mark, mark, task_event_frame
from inbox.models import Notification
from inbox.standing import Standing

LATEST = 10  # without a usable cursor
RESUME_LIMIT = 500  # beyond it, reloading a list is cheaper for everybody


class Replay(NamedTuple):
    """`missed` is None where the number is not known (another history)."""

    mode: str
    missed: int | None
    frames: list[Frame]

    def summary(self) -> dict[str, str | int | None]:
        return {"mode": self.mode, "count": len(self.frames), "missed": self.missed}


def org_replay(place: Standing, user_id: int, after: str | None) -> Replay:
    """Every event of one organization after the cursor, marked for the user."""
    log = _events().filter(organization_id=place.org_id, position__lte=place.position)
    latest = log.order_by("-position")[:LATEST]
    if after is None:
        return Replay("latest", 0, _frames(reversed(latest), user_id))
    cursor = Cursor.parse(after)
    if cursor is None or _known_events([cursor], [place]) is None:
        return Replay("reset", None, _frames(reversed(latest), user_id))
    missed = place.position - cursor.position
    if missed > RESUME_LIMIT:
        return Replay("reset", missed, _frames(reversed(latest), user_id))
    events = log.filter(position__gt=cursor.position).order_by("position")
    return Replay("resume", missed, _frames(events, user_id))


def user_replay(places: list[Standing], user_id: int, after: str | None) -> Replay:
    """What was addressed to the user after their cursors, over all their organizations, oldest first. An organization
    that the list does not name was joined meanwhile: all of it is new."""
    seen = Q(pk__in=[])
    for place in places:
        seen |= Q(organization_id=place.org_id, event__position__lte=place.position)
    told = Notification.objects.filter(seen, recipient_id=user_id)
    latest = told.order_by("-event_id")[:LATEST]
    if after is None:
        return Replay("latest", 0, _addressed(latest))
    cursors = parse_many(after)
    known = _known_events([cursors[place.org_id] for place in places if place.org_id in cursors], places)
    if known is None or (places and not cursors):
        return Replay("reset", None, _addressed(latest))
    since = Q(pk__in=[])
    for place in places:
        since |= Q(organization_id=place.org_id, event_id__gt=known.get(place.org_id, 0))
    missed = told.filter(since)
    count = missed.count()
    if count > RESUME_LIMIT:
        return Replay("reset", count, _addressed(latest))
    return Replay("resume", count, _addressed(missed))


def events_after(org_id: int, position: int, limit: int) -> list[TaskEvent]:
    """The next events of a log, in order: how a hole in the live stream is filled."""
    return list(_events().filter(organization_id=org_id, position__gt=position).order_by("position")[:limit])


def reasons_in_rows(event_ids: Iterable[int], user_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """event id -> {user id: reason}, as delivered to these users."""
    rows = Notification.objects.filter(event_id__in=list(event_ids), recipient_id__in=list(user_ids))
    reasons: dict[int, dict[int, str]] = {}
    for event_id, user_id, reason in rows.values_list("event_id", "recipient_id", "reason"):
        reasons.setdefault(event_id, {})[user_id] = reason
    return reasons


def _events() -> QuerySet[TaskEvent]:
    return TaskEvent.objects.readable()


def _known_events(cursors: list[Cursor], places: list[Standing]) -> dict[int, int] | None:
    """Organization id -> id of the event that the cursor names, 0 before the first. None when a cursor is ahead of
    its log, or names an event of another history."""
    heads = {place.org_id: place.position for place in places}
    at = Q(pk__in=[])
    for cursor in cursors:
        at |= Q(organization_id=cursor.org_id, position=cursor.position, digest__startswith=cursor.check)
    known = dict(TaskEvent.objects.filter(at).values_list("organization_id", "pk")) if cursors else {}
    known |= {org_id: 0 for org_id, position, check in cursors if position == 0 and check == GENESIS[:8]}
    for cursor in cursors:
        if cursor.org_id not in known or cursor.position > heads.get(cursor.org_id, -1):
            return None
    return known


def _frames(events: Iterable[TaskEvent], user_id: int) -> list[Frame]:
    """Frames of a log, marked with the user's rows where there are any."""
    events = list(events)
    rows = Notification.objects.filter(recipient_id=user_id, event_id__in=[event.pk for event in events])
    return _marked(events, {row.event_id: row for row in rows})


def _addressed(rows: QuerySet[Notification]) -> list[Frame]:
    """Frames of the user's rows, oldest first."""
    found = {
        row.event_id: row for row in rows.select_related("event__actor", "event__organization", "event__text")
    }
    return _marked([found[event_id].event for event_id in sorted(found)], found)


def _marked(events: list[TaskEvent], rows: Mapping[int, Notification]) -> list[Frame]:
    names = names_in(events)
    return [
        task_event_frame(event, names) | {"notification": _mark(rows.get(event.pk)), "replayed": True}
        for event in events
    ]


def _mark(row: Notification | None) -> Mark | None:
    return None if row is None else mark(row.event_id, row.reason, unread=row.read_at is None)
