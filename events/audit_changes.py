"""What an event changed, field by field, for the audit. Text, never markup."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import NamedTuple

from events import facts
from events.models import TaskEvent
from events.sentences import STATUS_LABELS, Names


class Change(NamedTuple):
    """None is nothing at all: the field was not there before, or is not there any more."""

    field: str
    before: str | None
    after: str | None


def changes(event: TaskEvent, names: Names) -> list[Change]:
    """Empty when this release does not know the action or cannot read its details."""
    return list(_changes(facts.read(event.action, event.details), names))


def is_readable(event: TaskEvent) -> bool:
    return not isinstance(facts.read(event.action, event.details), facts.Unknown)


def as_stored(event: TaskEvent) -> str:
    """The details as they stand in the log."""
    return json.dumps(event.details, indent=2, sort_keys=True, ensure_ascii=False)


def _changes(fact: facts.Fact, names: Names) -> Iterator[Change]:
    match fact:
        case facts.TaskCreated(title=title, description=description):
            yield Change("Title", None, title)
            yield Change("Description", None, description or None)
        case facts.TaskRenamed(before=before, after=after):
            yield Change("Title", before, after)
        case facts.TaskDescribed(before=before, after=after):
            yield Change("Description", before or None, after or None)
        case facts.StatusChanged(before=before, after=after):
            yield Change("Status", STATUS_LABELS.get(before, before), STATUS_LABELS.get(after, after))
        case facts.AssigneeChanged(before=before, after=after):
            yield Change("Assignee", _person(before, names), _person(after, names))
        case facts.DueDateChanged(before=before, after=after):
            yield Change("Due date", _day(before), _day(after))
        case facts.Commented(text=text):
            yield Change("Comment", None, text)
        case facts.TaskArchived():
            yield Change("Archived", "no", "yes")
        case facts.TaskRestored():
            yield Change("Archived", "yes", "no")
    if mentions := getattr(fact, "mentions", None):
        yield Change("Mentions", None, ", ".join(_name(user_id, names) for user_id in mentions))


def _person(user_id: int | None, names: Names) -> str | None:
    return None if user_id is None else _name(user_id, names)


def _name(user_id: int, names: Names) -> str:
    # Events do not own the people that their details speak of; the number still says who it was.
    return names.get(user_id, f"user {user_id}")


def _day(date: dt.date | None) -> str | None:
    return None if date is None else f"{date.day} {date:%B %Y}"
