"""A save: what one command appended to a stream at once. It is told as one piece of news, with its last event.

`TaskEvent.parts` says so: on the last event how many there are, on those before it 0. An event alone has 1. The log is
never merged: only what is shown of it.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from django.db.models import OuterRef, Q, Subquery

from events.models import AppendOnlyQuerySet, TaskEvent

Save = Sequence[TaskEvent]  # in order


class Part(Protocol):
    """What tells of an event to which save it belongs."""

    @property
    def stream_id(self) -> uuid.UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def parts(self) -> int: ...


AnyPart = TypeVar("AnyPart", bound=Part)


def by_save(events: Iterable[AnyPart]) -> list[list[AnyPart]]:
    """Divide events, in the order of their versions, into saves. Where some are left out, a save is what is there."""
    saves: list[list[AnyPart]] = []
    for event in events:
        if saves and _goes_on(saves[-1][-1], event):
            saves[-1].append(event)
        else:
            saves.append([event])
    return saves


def from_a_beginning(events: list[TaskEvent]) -> list[TaskEvent]:
    """Leave out the rest of a save whose beginning is not among these events of one stream, unless nothing else is."""
    first, *others = by_save(events) or [[]]
    is_cut = bool(first) and first[-1].parts > len(first)
    return [event for save in others for event in save] if is_cut and others else events


def whole_saves(events: Iterable[TaskEvent], loaded: AppendOnlyQuerySet | None = None) -> dict[int, Save]:
    """Find all events of the saves that these are the last of, by the last one's id. One query where some are not
    among them; `loaded` says what is loaded of those, as for a sentence if nothing is said."""
    events = list(events)
    known = {(event.organization_id, event.position): event for event in events}
    places: dict[int, set[int]] = {}
    for event in events:
        for position in range(event.position - event.parts + 1, event.position):
            if (event.organization_id, position) not in known:
                places.setdefault(event.organization_id, set()).add(position)
    if places:
        missing = [Q(organization_id=org_id, position__in=some) for org_id, some in places.items()]
        more = TaskEvent.objects.outlined() if loaded is None else loaded
        found = more.filter(Q(*missing, _connector=Q.OR))
        known |= {(event.organization_id, event.position): event for event in found}
    return {event.pk: _ending_with(event, known) for event in events}


def last_of_save(event: TaskEvent) -> TaskEvent:
    """Find the event that it is told with; itself, unless a later one of its save."""
    (last,) = lasts_of_saves([event], TaskEvent.objects.readable())
    return last


def lasts_of_saves(events: Sequence[TaskEvent], loaded: AppendOnlyQuerySet) -> list[TaskEvent]:
    """Find the events that these are told with, each once, in their order. Two queries where some are others; `loaded`
    says what is loaded of those."""
    last_id = _last_ids([event.pk for event in events if event.parts == 0])
    found = {event.pk: event for event in events}
    if others := {pk for pk in last_id.values() if pk is not None} - found.keys():
        found |= {event.pk: event for event in loaded.filter(pk__in=others)}
    ids = dict.fromkeys(last_id.get(event.pk) or event.pk for event in events)
    return [found[event_id] for event_id in ids]


def _last_ids(part_ids: Sequence[int]) -> dict[int, int | None]:
    """Find with which events these parts are told; None beyond the stream's end."""
    if not part_ids:
        return {}
    later = TaskEvent.objects.filter(
        organization_id=OuterRef("organization_id"),
        stream_id=OuterRef("stream_id"),
        version__gt=OuterRef("version"),
    ).exclude(parts=0)
    last = Subquery(later.order_by("version").values("pk")[:1])
    parts = TaskEvent.objects.filter(pk__in=part_ids).annotate(last=last).order_by()
    return dict(parts.values_list("pk", "last"))


def _ending_with(last: TaskEvent, known: dict[tuple[int, int], TaskEvent]) -> Save:
    save = [last]
    while len(save) < last.parts:
        before = known.get((last.organization_id, last.position - len(save)))
        if before is None or not _goes_on(before, save[0]):
            break
        save.insert(0, before)
    return save


def _goes_on(before: Part, event: Part) -> bool:
    return before.parts == 0 and (before.stream_id, before.version + 1) == (event.stream_id, event.version)
