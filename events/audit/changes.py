"""What an event changed, field by field, for the audit. Text, never markup."""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from events import facts
from events.models import TaskEvent
from events.sentences import STATUS_LABELS, Names

ERASED = "(erased)"

Place = tuple[uuid.UUID, int]  # stream, version
Descriptions = dict[Place, str | None]  # before that event


class Change(NamedTuple):
    """None is nothing at all: the field was not there before, or is not there any more."""

    field: str
    before: str | None
    after: str | None


def changes(event: TaskEvent, names: Names, descriptions: Descriptions | None = None) -> list[Change]:
    """Empty when this release does not know the action or cannot read its details. `descriptions`: those before each
    of several events (`descriptions_before`), read at once."""
    fact = event.fact
    found = list(_changes(fact, names))
    if isinstance(fact, facts.TaskDescribed):
        if descriptions is None:
            descriptions = descriptions_before([event])
        before = descriptions[event.stream_id, event.version]
        found.insert(0, Change("Description", _text(before), _text(fact.description)))
    return found


def descriptions_before(events: Iterable[TaskEvent]) -> Descriptions:
    """What was described before it was described anew, as the streams' earlier events say; None where it was erased.
    Two queries, or none: the second loads the texts that are asked for and no other."""
    asked = {
        (event.stream_id, event.version) for event in events if isinstance(event.fact, facts.TaskDescribed)
    }
    found: Descriptions = dict.fromkeys(asked, "")
    before = _describing_before(asked)
    events_before = TaskEvent.objects.select_related("text").in_bulk(list(before.values())) if before else {}
    for place, event_id in before.items():
        found[place] = getattr(events_before[event_id].fact, "description", "")
    return found


def _describing_before(asked: Collection[Place]) -> dict[Place, int]:
    """The id of the event that gave the description before; none where there was none."""
    if not asked:
        return {}
    events = TaskEvent.objects.filter(
        stream_id__in={stream_id for stream_id, _ in asked},
        version__lte=max(version for _, version in asked),
        action__in=[facts.TaskCreated.action, facts.TaskDescribed.action],
    )
    found: dict[Place, int] = {}
    last: dict[uuid.UUID, int] = {}
    fields = ("stream_id", "version", "pk")
    for stream_id, version, event_id in events.order_by("stream_id", "version").values_list(*fields):
        if (stream_id, version) in asked and stream_id in last:
            found[stream_id, version] = last[stream_id]
        last[stream_id] = event_id
    return found


def is_readable(event: TaskEvent) -> bool:
    return not isinstance(event.fact, facts.Unknown)


def as_stored(event: TaskEvent) -> str:
    """The details as they stand in the log."""
    return json.dumps(event.details, indent=2, sort_keys=True, ensure_ascii=False)


def _changes(fact: facts.Fact, names: Names) -> Iterator[Change]:
    match fact:
        case facts.TaskCreated(title=title, description=description):
            yield Change("Title", None, title)
            yield Change("Description", None, _text(description))
        case facts.TaskRenamed(before=before, after=after):
            yield Change("Title", before, after)
        case facts.StatusChanged(before=before, after=after):
            yield Change("Status", STATUS_LABELS.get(before, before), STATUS_LABELS.get(after, after))
        case facts.AssigneeChanged(before=before, after=after):
            yield Change("Assignee", _person(before, names), _person(after, names))
        case facts.DueDateChanged(before=before, after=after):
            yield Change("Due date", _day(before), _day(after))
        case facts.Commented(text=text):
            yield Change("Comment", None, _text(text))
        case facts.TaskArchived():
            yield Change("Archived", "no", "yes")
        case facts.TaskRestored():
            yield Change("Archived", "yes", "no")
        case facts.TextsErased(erased=erased, redacted=redacted):
            yield from _taken("Texts erased", erased)
            yield from _taken("Texts without the name", [each.version for each in redacted])
    if mentions := getattr(fact, "mentions", None):
        yield Change("Mentions", None, ", ".join(_name(user_id, names) for user_id in mentions))


def _taken(what: str, versions: list[int]) -> Iterator[Change]:
    if versions:
        yield Change(what, None, f"version {', '.join(map(str, versions))}")


def _text(text: str | None) -> str | None:
    return ERASED if text is None else text or None


def _person(user_id: int | None, names: Names) -> str | None:
    return None if user_id is None else _name(user_id, names)


def _name(user_id: int, names: Names) -> str:
    # Events do not own the people that their details speak of; the number still says who it was.
    return names.get(user_id, f"user {user_id}")


def _day(date: dt.date | None) -> str | None:
    return None if date is None else f"{date.day} {date:%B %Y}"
