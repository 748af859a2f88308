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
    match event.fact:
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
    return names_of(set().union(*map(user_ids, events)))


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Display names by id: one query, or none."""
    known = {user_id for user_id in ids if user_id is not None}
    people = User.objects.filter(pk__in=known) if known else ()
    return {user.pk: user.display_name for user in people}


def sentence(event: TaskEvent, names: Names, task: str = "") -> str:
    """`Alice moved ACME-12 from Open to In progress`. `task` stands for the key where the page has named it."""
    fact = event.fact
    task = task or event.key
    if isinstance(fact, facts.TextsErased):
        return (
            f"{event.actor.display_name}’s {'texts were' if fact.erased else 'name was'} removed from {task}"
        )
    if isinstance(fact, facts.AssigneeChanged):
        what = _assigned(fact, task, names, event.actor_id)
    elif isinstance(fact, facts.DueDateChanged):
        what = _due(fact, task, event.created_at.year)
    else:
        what = _predicate(fact, task)
    return f"{event.actor.display_name} {what}"


def _predicate(fact: facts.Fact, task: str) -> str:
    match fact:
        case facts.TaskCreated():
            return f"created {task}"
        case facts.TaskRenamed(before=before, after=after):
            return f"renamed {task} from “{before}” to “{after}”"
        case facts.TaskDescribed(description=text):
            return f"removed the description from {task}" if text == "" else f"gave {task} a new description"
        case facts.StatusChanged(before=before, after=after):
            return f"moved {task} from {_status(before)} to {_status(after)}"
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


def _assigned(fact: facts.AssigneeChanged, task: str, names: Names, actor_id: int) -> str:
    match fact.before, fact.after:
        case _, after if after == actor_id:
            return f"took {task}"
        case _, int(after):
            return f"assigned {task} to {_name(after, names)}"
        case before, _ if before == actor_id:
            return f"gave {task} back"
        case before, _:
            return f"unassigned {task} from {_name(before, names)}"


def _name(user_id: int | None, names: Names) -> str:
    return "nobody" if user_id is None else names.get(user_id, "somebody")


def _due(fact: facts.DueDateChanged, task: str, year: int) -> str:
    if fact.after is None:
        return f"removed the due date from {task}"
    if fact.before is None:
        return f"gave {task} the due date {_day(fact.after, year)}"
    return f"rescheduled {task} from {_day(fact.before, year)} to {_day(fact.after, year)}"


def _day(date: dt.date, year: int) -> str:
    """The year only where it is not the event's own."""
    return f"{date.day} {date:%b}" if date.year == year else f"{date.day} {date:%b %Y}"
