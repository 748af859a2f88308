"""History in words: the entries of a timeline, and what a difference was before and after. Text, never markup."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.dateformat import format as formatted

from events.models import TaskEvent
from events.saves import Save, by_save
from events.sentences import save_sentence
from events.telling import Names
from tasks.facts import Commented
from tasks.past import ERASED, Difference
from tasks.state import SHOWN
from tasks.statuses import status_label

ERASED_TEXT = "This text was erased."


class Value(NamedTuple):
    """`quiet` values are not what somebody wrote or chose: nothing, or erased."""

    text: str
    quiet: bool = False


class Change(NamedTuple):
    field: str
    label: str
    before: Value
    after: Value


def timeline(events: Sequence[TaskEvent], names: Names, task: str = "") -> list[dict[str, Any]]:
    """Make one entry of each save, but of each comment one of its own; `task` stands for its key where the page has
    named it."""
    return [entry(part, names, task) for save in by_save(events) for part in _around_comments(save)]


def entry(save: Save, names: Names, task: str = "") -> dict[str, Any]:
    """Make one entry, which stands at the last of these events. An erased comment has no text."""
    comments = [event.fact for event in save if isinstance(event.fact, Commented)]
    return {
        "event": save[-1],
        "events": save,
        "sentence": save_sentence(save, names, task),
        "is_comment": bool(comments),
        "comment": comments[-1].text if comments else None,
    }


def _around_comments(save: Save) -> list[list[TaskEvent]]:
    parts: list[list[TaskEvent]] = []
    for event in save:
        if parts and not any(isinstance(each.fact, Commented) for each in (parts[-1][-1], event)):
            parts[-1].append(event)
        else:
            parts.append([event])
    return parts


def in_words(found: Iterable[Difference], names: Names) -> list[Change]:
    return [
        Change(field, SHOWN[field], _value(field, before, names), _value(field, after, names))
        for field, before, after in found
    ]


def _value(field: str, value: Any, names: Names) -> Value:
    if value is ERASED:
        return Value(ERASED_TEXT, quiet=True)
    match field, value:
        case "archived", _:
            return Value("yes" if value else "no")
        case "assignee_id", None:
            return Value("nobody", quiet=True)
        case _, None:
            return Value("nothing", quiet=True)
        case "assignee_id", _:
            return Value(names.get(value, "somebody"))
        case "status", _:
            return Value(status_label(value))
        case _, dt.date():
            return Value(formatted(value, "j M Y"))
        case _, list():
            return Value(", ".join(map(str, value)))
        case _:
            return Value(value)
