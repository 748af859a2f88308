"""A task's state, folded from its events. Pure: no Django, clock, randomness or I/O."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from base.errors import Conflict
from events.facts import Fact, TextsErased
from events.subjects import Recorded
from tasks import facts


class CannotFold(Conflict, ValueError):
    """These events are no task's story, or a newer release's."""


class TaskState(Struct, frozen=True, kw_only=True, gc=False):
    """The same fields as the Task row. A Struct, because a rebuild makes one per event."""

    organization_id: int
    number: int
    title: str
    description: str
    status: str
    creator_id: int
    assignee_id: int | None
    due_date: dt.date | None
    archived: bool
    labels: list[str]
    commenters: list[int]  # user ids, in the order of their first comment
    mentioned: list[int]  # user ids, in the order of their first mention
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


# What people see of it in the past, in the order of the page, and what they call it.
SHOWN = {
    "title": "Title",
    "description": "Description",
    "status": "Status",
    "assignee_id": "Assignee",
    "due_date": "Due",
    "labels": "Labels",
    "archived": "Archived",
}


def fold(events: Iterable[Recorded]) -> TaskState | None:
    """Fold the events of one stream, in order, into a state; None for none. Raises CannotFold."""
    return reduce(evolve, events, None)


def evolve(state: TaskState | None, event: Recorded) -> TaskState:
    """Take the state one event further. An action that this release does not know changes the version
    only."""
    if state is None:
        return _created(event.fact, event)
    return _STEPS.get(type(event.fact), _nothing)(state, event.fact, event)


def _nothing(state: TaskState, _: Fact, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at)


def _commented(state: TaskState, fact: facts.Commented, event: Recorded) -> TaskState:
    return replace(
        state,
        version=event.version,
        updated_at=event.created_at,
        commenters=_union(state.commenters, [event.actor_id]),
        mentioned=_union(state.mentioned, fact.mentions),
    )


def _comment_edited(state: TaskState, fact: facts.CommentEdited, event: Recorded) -> TaskState:
    return replace(
        state,
        version=event.version,
        updated_at=event.created_at,
        mentioned=_union(state.mentioned, fact.mentions),
    )


def _status_changed(state: TaskState, fact: facts.StatusChanged, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at, status=fact.after)


def _assignee_changed(state: TaskState, fact: facts.AssigneeChanged, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at, assignee_id=fact.after)


def _due_date_changed(state: TaskState, fact: facts.DueDateChanged, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at, due_date=fact.after)


def _labels_changed(state: TaskState, fact: facts.LabelsChanged, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at, labels=fact.after)


def _renamed(state: TaskState, fact: facts.TaskRenamed, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at, title=fact.after)


def _described(state: TaskState, fact: facts.TaskDescribed, event: Recorded) -> TaskState:
    return replace(
        state,
        version=event.version,
        updated_at=event.created_at,
        description=fact.description or "",
        mentioned=_union(state.mentioned, fact.mentions),
    )


def _archived(state: TaskState, _: Fact, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at, archived=True)


def _restored(state: TaskState, _: facts.TaskRestored, event: Recorded) -> TaskState:
    return replace(state, version=event.version, updated_at=event.created_at, archived=False)


def _no_work(state: TaskState, _: Fact, event: Recorded) -> TaskState:
    """Change the version only: this is no work on the task, so it is no news in a list."""
    return replace(state, version=event.version)


# The fields that each fact sets beside its place. A table, because a million events pass here.
_STEPS: dict[type[Fact], Callable[[TaskState, Any, Recorded], TaskState]] = {
    facts.Commented: _commented,
    facts.StatusChanged: _status_changed,
    facts.AssigneeChanged: _assignee_changed,
    facts.DueDateChanged: _due_date_changed,
    facts.LabelsChanged: _labels_changed,
    facts.TaskRenamed: _renamed,
    facts.TaskDescribed: _described,
    facts.TaskArchived: _archived,
    facts.TaskRestored: _restored,
    facts.ImportTakenBack: _archived,
    facts.TasksImported: _no_work,
    facts.CommentEdited: _comment_edited,
    facts.CommentDeleted: _no_work,
    facts.Reacted: _no_work,
    facts.Unreacted: _no_work,
    TextsErased: _no_work,  # the texts are gone from their own events
}


def require_readable(action: str, schema_version: int) -> None:
    """Refuse what is done to a task whose first event is another's, or a newer release's. Raises CannotFold."""
    newest = {fact.action: fact.schema_version for fact in (facts.TaskCreated, facts.TaskImported)}
    if schema_version > newest.get(action, 0):
        raise _unreadable(action)


def _unreadable(action: str) -> CannotFold:
    return CannotFold(
        f"this release cannot read how the task began: a stream starts with 'created', not with '{action}'"
    )


def _created(fact: Fact, event: Recorded) -> TaskState:
    if not isinstance(fact, facts.TaskCreated):
        raise _unreadable(fact.action)
    said = fact if isinstance(fact, facts.TaskImported) else _NOTHING_SAID
    return TaskState(
        organization_id=event.organization_id,
        number=event.task_number,
        title=fact.title,
        description=fact.description or "",
        status=said.status,
        creator_id=event.actor_id,
        assignee_id=said.assignee,
        due_date=said.due_date,
        archived=False,
        labels=said.labels,
        commenters=[],
        mentioned=list(fact.mentions),
        version=event.version,
        created_at=event.created_at,
        updated_at=event.created_at,
    )


_NOTHING_SAID = facts.TaskImported(title="")


def _union(known: list[int], more: list[int]) -> list[int]:
    """Add those who are new; give the same list when nobody is: states share it, and none ever changes it."""
    for user_id in more:
        if user_id not in known:
            return list(dict.fromkeys([*known, *more]))
    return known
