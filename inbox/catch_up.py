"""What is different since a place in each log: a line for each stream that its reader was told of, made of two folds.

Subjects say it (`Subject.differences`). Bounded: so many lines, and so many events folded; of what is longer only the
number is said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    Count,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from events.models import TaskEvent
from events.raw_facts import read_json
from events.scan import PLACE, Scanned
from events.sentences import names_of
from events.subjects import subject_of_action
from inbox.models import Notification
from inbox.reasons import by_strength, labels
from inbox.states import INBOX, State

LINES = 50
FOLDED = 5_000  # events, of all lines together


class Interval(NamedTuple):
    """Of one organization's log: beyond one event, up to another, by their ids."""

    after: int
    upto: int


Intervals = Mapping[int, Interval]  # by organization id


@dataclass(frozen=True, slots=True)
class Line:
    """`newest` is the last event of the stream that the reader was told of, `first` the id of the first, `count` how
    many they were told of. `words` say what is different, `by` who did it."""

    newest: TaskEvent
    first: int
    count: int
    unread: int
    reason: str
    words: list[str]
    by: str

    @property
    def url(self) -> str:
        return f"{self.newest.url}?event={self.first}#event-{self.first}"


class Page(NamedTuple):
    lines: list[Line]
    more: int  # streams


def told_between(user_id: int, intervals: Intervals) -> "QuerySet[Notification]":
    """Find the notifications in the reader's inbox that came in these intervals."""
    spans = [
        Q(organization_id=org_id, event_id__gt=span.after, event_id__lte=span.upto)
        for org_id, span in intervals.items()
        if span.after < span.upto
    ]
    mine = Notification.objects.filter(recipient_id=user_id, state__in=INBOX)
    return mine.filter(Q(*spans, _connector=Q.OR)) if spans else mine.none()


def different(user_id: int, intervals: Intervals) -> Page:
    """List the streams, by what concerns the reader most, then the newest first."""
    streams = streams_of(told_between(user_id, intervals))
    listed = list(streams.order_by("rank", "-last")[:LINES])
    more = streams.count() - LINES if len(listed) == LINES else 0
    newest = _with_lengths([row["last"] for row in listed])
    told = [(row, newest[row["last"]]) for row in listed]
    happened = _happened([event for _, event in told], intervals)
    names = _names(user_id, happened.values())
    return Page([_line(row, event, happened, intervals, names) for row, event in told], more)


def streams_of(told: "QuerySet[Notification]") -> Any:
    """Group notifications by stream: its `first` and `last` event, how many are `told`, and the `rank` of the strongest
    reason, the least for the strongest."""
    ranks = [When(reason=code, then=Value(rank)) for rank, code in enumerate(by_strength())]
    return told.values("event__stream_id").annotate(
        first=Min("event_id"),
        last=Max("event_id"),
        told=Count("event_id"),
        unread=Count("event_id", filter=Q(state=State.UNREAD)),
        rank=Min(Case(*ranks, default=Value(len(ranks)))),
    )


def _with_lengths(event_ids: list[int]) -> dict[int, Any]:
    """Load the events, each with the `length` of its stream."""
    last = TaskEvent.objects.filter(stream_id=OuterRef("stream_id")).order_by("-version")
    events = TaskEvent.objects.select_related("organization")
    return events.annotate(length=Subquery(last.values("version")[:1])).in_bulk(event_ids)


def _happened(newest: Iterable[Any], intervals: Intervals) -> dict[str, list[Scanned]]:
    """Load the streams from their beginnings to the ends of the intervals, without what people wrote: stream id -> its
    events. Those that would be too many are left out, whole."""
    room, wanted = FOLDED, []
    for event in newest:
        if event.length <= room:
            room -= event.length
            upto = intervals[event.organization_id].upto
            wanted.append(Q(organization_id=event.organization_id, stream_id=event.stream_id, pk__lte=upto))
    happened: dict[str, list[Scanned]] = {}
    for action, schema, details, pk, stream_id, *place in _rows(wanted):
        scanned = Scanned(read_json(action, schema, details), pk, str(stream_id), *place)
        happened.setdefault(scanned.stream_id, []).append(scanned)
    return happened


def _rows(wanted: list[Q]) -> Iterable[Any]:
    found = TaskEvent.objects.filter(Q(*wanted, _connector=Q.OR)).order_by("stream_id", "version")
    return (
        found.values_list(
            "action",
            "schema_version",
            Cast("details", TextField()),
            "pk",
            "stream_id",
            *PLACE,
        )
        if wanted
        else ()
    )


def _names(user_id: int, happened: Iterable[list[Scanned]]) -> dict[int, str]:
    """Find the names of whom the events speak of, and of who did them."""
    people = {each.actor_id for events in happened for each in events}
    people |= {person for events in happened for each in events for person in each.fact.people()}
    return names_of(people) | {user_id: "you"}


def _line(
    row: dict[str, Any],
    newest: TaskEvent,
    happened: Mapping[str, list[Scanned]],
    intervals: Intervals,
    names: Mapping[int, str],
) -> Line:
    events = happened.get(str(newest.stream_id), [])
    before = sum(1 for each in events if each.id <= intervals[newest.organization_id].after)
    codes = [*by_strength(), ""]
    return Line(
        newest,
        row["first"],
        row["told"],
        row["unread"],
        labels().get(codes[row["rank"]], ""),
        _words(events, before, names),
        _by(events[before:], names),
    )


def _words(events: list[Scanned], before: int, names: Mapping[int, str]) -> list[str]:
    """Say what is different after so many of them; nothing where the subject, or this release, cannot say it."""
    say = subject_of_action(events[0].fact.action).differences if events else None
    try:
        return say(events, before, names) if say else []
    except ValueError:
        return []


def _by(events: Iterable[Scanned], names: Mapping[int, str]) -> str:
    """Say who did it: the last one by name, and how many others."""
    people = list(
        dict.fromkeys(each.actor_id for each in reversed([*events]) if names.get(each.actor_id) != "you")
    )
    if not people:
        return ""
    last, others = names.get(people[0], "somebody"), len(people) - 1
    return f"{last} and {others} other{'s' if others > 1 else ''}" if others else last
