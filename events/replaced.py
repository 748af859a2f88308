"""Texts that a later event takes the place of, or takes away: which event's is the newest, and which came before it.

The log keeps all of them. What says that it does so is a fact with `replaces` (`facts.py`).
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from django.db import connection
from django.db.models import Max, Q

from events.facts import FACTS, replacing_actions
from events.models import AppendOnlyQuerySet, TaskEvent

Place = tuple[uuid.UUID, int]  # stream, version


def newest(events: Iterable[TaskEvent], upto: int | None = None) -> dict[int, int]:
    """Find for those of the events whose text is not the newest the event that is: id -> id. One query, or none.
    `upto`: as it was at this version."""
    places = {
        event.pk: _place(event) for event in events if event.fact.text_field and not event.fact.folds_text
    }
    last: dict[Place, int] = {}
    for field, replacing in _replacing(set(places.values())):
        if upto is not None:
            replacing = replacing.filter(version__lte=upto)
        named = replacing.values_list("stream_id", f"details__{field}").annotate(newest=Max("pk"))
        last |= {(stream_id, version): event_id for stream_id, version, event_id in named}
    return {event_id: last[place] for event_id, place in places.items() if last.get(place, 0) > event_id}


def taken_away(events: Iterable[TaskEvent]) -> set[int]:
    """Find those of the events whose text was taken away since, and no other put in its place: their ids."""
    last = newest(events)
    without = [action for action in replacing_actions() if FACTS[action].text_field is None]
    taking = TaskEvent.objects.filter(pk__in=last.values(), action__in=without) if last else ()
    gone = {event.pk for event in taking}
    return {event_id for event_id, newest_id in last.items() if newest_id in gone}


def text_is_taken_away(event: str) -> str:
    """Write `taken_away` in SQL, of the row that a statement calls so. It reads the stream from that event on."""
    cases = [
        _WHEN.format(
            event=event,
            of_texts=_quoted(a for a, fact in FACTS.items() if fact.text_field and not fact.folds_text),
            place=_detail(event, field),
            later=_detail("later", field),
            replacing=_quoted(action for action in replacing_actions() if FACTS[action].replaces == field),
            taking=_quoted(action for action in replacing_actions() if FACTS[action].text_field is None),
        )
        for field in sorted({fact.replaces for fact in FACTS.values() if fact.replaces})
    ]
    return f"({' OR '.join(cases)})" if cases else "FALSE"


# The latest event that replaces the text, or an earlier one in its place, takes it away.
_WHEN = """(
    {event}.action IN ({of_texts}) AND (
        SELECT later.action FROM events_taskevent later
        WHERE later.stream_id = {event}.stream_id AND later.version > {event}.version
            AND later.action IN ({replacing})
            AND {later} = CASE WHEN {event}.action IN ({replacing}) THEN {place} ELSE {event}.version END
        ORDER BY later.version DESC LIMIT 1
    ) IN ({taking})
)"""


def _detail(event: str, field: str) -> str:
    if connection.vendor == "postgresql":
        return f"({event}.details ->> '{field}')::integer"
    return f"json_extract({event}.details, '$.{field}')"


def _quoted(actions: Iterable[str]) -> str:
    """Write words of ours, one at least, as a statement lists them."""
    return ", ".join(f"'{action}'" for action in actions) or "''"


def before(events: Iterable[TaskEvent]) -> dict[int, list[int]]:
    """Find for those of the events that replace a text the events that had it before, oldest first: id -> ids."""
    asked = {event.pk: _place(event) for event in events if event.fact.replaces}
    places = set(asked.values())
    history: dict[Place, list[int]] = defaultdict(list)
    first = TaskEvent.objects.filter(_at(places)) if places else TaskEvent.objects.none()
    for stream_id, version, event_id in first.order_by().values_list("stream_id", "version", "pk"):
        history[stream_id, version].append(event_id)
    for field, replacing in _replacing(places):
        rows = replacing.order_by("pk").values_list("stream_id", f"details__{field}", "pk")
        for stream_id, version, event_id in rows:
            history[stream_id, version].append(event_id)
    return {pk: [event_id for event_id in history[place] if event_id < pk] for pk, place in asked.items()}


def _replacing(places: Collection[Place]) -> Iterator[tuple[str, AppendOnlyQuerySet]]:
    """Select the events that replace a text at these places, by the field that names it."""
    if not places:
        return
    for field in sorted({fact.replaces for fact in FACTS.values() if fact.replaces}):
        found = TaskEvent.objects.filter(
            stream_id__in={stream_id for stream_id, _ in places},
            action__in=[action for action in replacing_actions() if FACTS[action].replaces == field],
            **{f"details__{field}__in": sorted({version for _, version in places})},
        )
        yield field, found.order_by()


def _at(places: Iterable[Place]) -> Q:
    by_stream: dict[uuid.UUID, list[int]] = defaultdict(list)
    for stream_id, version in places:
        by_stream[stream_id].append(version)
    return Q(
        *(Q(stream_id=stream_id, version__in=versions) for stream_id, versions in by_stream.items()),
        _connector=Q.OR,
    )


def _place(event: TaskEvent) -> Place:
    """Say of which version the event's text is, or was."""
    return event.stream_id, getattr(event.fact, event.fact.replaces) if event.fact.replaces else event.version
