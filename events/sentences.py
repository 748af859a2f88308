"""An event in one plain sentence, the same on pages, in frames and in the audit. Text, never markup."""

import datetime as dt
from collections.abc import Iterable, Mapping

from events import facts
from events.models import TaskEvent
from orgs.models import User

Names = Mapping[int, str]

STATUS_LABELS = {"open": "Open", "in_progress": "In progress", "done": "Done", "cancelled": "Cancelled"}


def user_ids(event: TaskEvent) -> set[int]:
    """The people that the event's details speak of."""
    match facts.read(event.action, event.details):
        case facts.AssigneeChanged(before=before, after=after):
            return {user_id for user_id in (before, after) if user_id is not None}
        case (
            facts.TaskCreated(mentions=ids)
            | facts.TaskDescribed(mentions=ids)
            | facts.Commented(mentions=ids)
        ):
            return set(ids)
        case _:
            return set()


def names_in(events: Iterable[TaskEvent]) -> dict[int, str]:
    """Display names of everybody whom the events' details speak of: one query, or none."""
    ids = set().union(*map(user_ids, events))
    people = User.objects.filter(pk__in=ids) if ids else ()
    return {user.pk: user.display_name for user in people}


def sentence(event: TaskEvent, names: Names, task: str = "") -> str:
    """`Alice moved ACME-12 from Open to In progress`. `task` stands for the key where the page has named it."""
    what = _predicate(facts.read(event.action, event.details), task or event.key, names)
    return f"{event.actor.display_name} {what}"


def _predicate(fact: facts.Fact, task: str, names: Names) -> str:
    match fact:
        case facts.TaskCreated():
            return f"created {task}"
        case facts.TaskRenamed(before=before, after=after):
            return f"renamed {task} from “{before}” to “{after}”"
        case facts.TaskDescribed(after=after):
            return f"changed the description of {task}" if after else f"removed the description of {task}"
        case facts.StatusChanged(before=before, after=after):
            return f"moved {task} from {_status(before)} to {_status(after)}"
        case facts.AssigneeChanged(before=before, after=None):
            return f"unassigned {task} from {_name(before, names)}"
        case facts.AssigneeChanged(after=after):
            return f"assigned {task} to {_name(after, names)}"
        case facts.DueDateChanged(before=before, after=after):
            return _due(task, before, after)
        case facts.Commented():
            return f"commented on {task}"
        case facts.TaskArchived():
            return f"archived {task}"
        case facts.TaskRestored():
            return f"restored {task}"
        case _:
            return f"did something to {task} that this version cannot show"


def _status(code: str) -> str:
    return STATUS_LABELS.get(code, code)


def _name(user_id: int | None, names: Names) -> str:
    return "nobody" if user_id is None else names.get(user_id, "somebody")


def _due(task: str, before: dt.date | None, after: dt.date | None) -> str:
    if after is None:
        return f"removed the due date of {task}"
    if before is None:
        return f"set the due date of {task} to {_day(after)}"
    return f"moved the due date of {task} from {_day(before)} to {_day(after)}"


def _day(date: dt.date) -> str:
    return f"{date.day} {date:%b %Y}"
