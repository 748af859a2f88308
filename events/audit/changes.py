"""What an event changed, field by field, for the audit. Text, never markup."""

import json
import uuid
from collections.abc import Collection, Iterable

from events import replaced
from events.facts import FACTS, Unknown, folding_actions
from events.models import TaskEvent
from events.telling import Change, Names, person

Place = tuple[uuid.UUID, int]  # stream, version
Texts = dict[Place, str | None]  # before that event


def changes(event: TaskEvent, names: Names, texts: Texts | None = None) -> list[Change]:
    """List what the event changed; nothing when this release does not know the action or cannot read its
    details. `texts`: those before each of several events (`texts_before`), read at once."""
    fact = event.fact
    if texts is None:
        texts = texts_before([event])
    found = list(fact.changes(names, texts.get((event.stream_id, event.version), "")))
    if mentions := getattr(fact, "mentions", None):
        called = (person(user_id, names) or "" for user_id in mentions)
        found.append(Change("Mentions", None, ", ".join(called)))
    return found


def texts_before(events: Iterable[TaskEvent]) -> Texts:
    """Find, for facts that take the place of an earlier text, that text, as the streams' earlier events say;
    empty where there was none, None where it was erased. A query for each way to take its place, and one that
    loads the texts that are asked for and no other; none where there are none."""
    events = list(events)
    asked = {
        (event.stream_id, event.version) for event in events if event.fact.folds_text and event.version > 1
    }
    found: Texts = dict.fromkeys(asked, "")
    before, replacing = _writing_before(asked), replaced.before(events)
    for event in events:
        if earlier := replacing.get(event.pk):
            before[event.stream_id, event.version] = earlier[-1]
    events_before = TaskEvent.objects.select_related("text").in_bulk(list(before.values())) if before else {}
    for place, event_id in before.items():
        fact = events_before[event_id].fact
        found[place] = getattr(fact, fact.text_field or "", "")
    return found


def _writing_before(asked: Collection[Place]) -> dict[Place, int]:
    """Find the id of the event that gave the text before each place; no entry where there was none."""
    if not asked:
        return {}
    events = TaskEvent.objects.filter(
        stream_id__in={stream_id for stream_id, _ in asked},
        version__lte=max(version for _, version in asked),
        action__in=folding_actions(),
    )
    found: dict[Place, int] = {}
    last: dict[tuple[uuid.UUID, str | None], int] = {}
    columns = ("stream_id", "version", "pk", "action")
    for stream_id, version, event_id, action in events.order_by("stream_id", "version").values_list(*columns):
        field = stream_id, FACTS[action].text_field
        if (stream_id, version) in asked and field in last:
            found[stream_id, version] = last[field]
        last[field] = event_id
    return found


def is_readable(event: TaskEvent) -> bool:
    return not isinstance(event.fact, Unknown)


def as_stored(event: TaskEvent) -> str:
    """Write the details as they stand in the log."""
    return json.dumps(event.details, indent=2, sort_keys=True, ensure_ascii=False)
