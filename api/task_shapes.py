"""What tasks and their comments are to programs."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from inbox.frames import EventFrame
from orgs.models import User
from tasks.as_they_were import moment
from tasks.comment_list import Said
from tasks.frames import TaskEventFrame
from tasks.labels import LONGEST, MOST
from tasks.models import Task, task_key
from tasks.past import Past
from tasks.reactions import REACTIONS
from tasks.state import TaskState
from tasks.statuses import LABELS

# An event as all its readers share it: a socket's frame without what differs by reader.
Frame = TaskEventFrame | EventFrame

STATUSES = {"enum": list(LABELS)}
Status = Annotated[str, Meta(extra_json_schema=STATUSES)]
Label = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": LONGEST})]
Labels = Annotated[list[Label], Meta(extra_json_schema={"maxItems": MOST})]


class Person(msgspec.Struct, kw_only=True):
    """Somebody, as others see them."""

    id: int
    username: str
    name: str


class ListedTask(msgspec.Struct, kw_only=True):
    """A task in a list: all but its description."""

    id: uuid.UUID
    number: int
    key: str
    version: int
    title: str
    status: Status
    assignee: Person | None
    creator: Person
    due_date: dt.date | None
    labels: Labels
    archived: bool
    created_at: dt.datetime
    updated_at: dt.datetime


class WholeTask(ListedTask, kw_only=True):
    """A task. Its description is null once it was erased."""

    description: str | None


class Comment(msgspec.Struct, kw_only=True):
    """A comment as it is now. `text` is null where it was deleted, or erased with its author. `revision` is the version
    of its task that gave it this text. `reactions`: by name, the ids of who gave them."""

    version: int
    event_id: int
    author: Person
    text: str | None
    deleted: bool
    revision: int
    created_at: dt.datetime
    edited_at: dt.datetime | None
    reactions: Annotated[
        dict[str, list[int]], Meta(extra_json_schema={"propertyNames": {"enum": list(REACTIONS)}})
    ]


def person(user: User) -> Person:
    return Person(id=user.pk, username=user.username, name=user.display_name)


def listed(task: Task, slug: str) -> ListedTask:
    """Show a task that was loaded with its people."""
    return ListedTask(**_of_row(task, slug))


def whole(task: Task, description: str | None) -> WholeTask:
    """Show a task that was loaded with its people and its organization."""
    return WholeTask(**_of_row(task, task.organization.slug), description=description)


def listed_states(states: Iterable[tuple[str, TaskState]], slug: str) -> list[ListedTask]:
    """Show tasks as they were, by one query for the people in them."""
    states = list(states)
    people = people_in(state for _, state in states)
    return [ListedTask(**_of_state(uuid.UUID(task_id), state, slug, people)) for task_id, state in states]


def as_it_was(task_id: uuid.UUID, past: Past, slug: str) -> WholeTask:
    people = people_in([past.state])
    return WholeTask(**_of_state(task_id, past.state, slug, people), description=past.description)


def comment(said: Said) -> Comment:
    return Comment(
        version=said.event.version,
        event_id=said.event.pk,
        author=person(said.event.actor),
        text=said.text,
        deleted=said.is_deleted,
        revision=said.revision,
        created_at=said.event.created_at,
        edited_at=said.edited_at,
        reactions={name: list(people) for name, people in said.reactions.items()},
    )


def people_in(states: Iterable[TaskState]) -> dict[int, Person]:
    ids = {user_id for state in states for user_id in (state.creator_id, state.assignee_id) if user_id}
    return {user_id: person(user) for user_id, user in User.objects.in_bulk(ids).items()}


_SAME = ("number", "version", "title", "status", "due_date", "labels", "archived")


def _of_row(task: Task, slug: str) -> dict[str, Any]:
    return {
        **{name: getattr(task, name) for name in (*_SAME, "created_at", "updated_at")},
        "id": task.pk,
        "key": task_key(slug, task.number),
        "assignee": person(task.assignee) if task.assignee else None,
        "creator": person(task.creator),
    }


def _of_state(
    task_id: uuid.UUID, state: TaskState, slug: str, people: Mapping[int, Person]
) -> dict[str, Any]:
    return {
        **{name: getattr(state, name) for name in _SAME},
        "id": task_id,
        "key": task_key(slug, state.number),
        "assignee": people.get(state.assignee_id or 0),
        "creator": people[state.creator_id],
        "created_at": moment(str(state.created_at)),
        "updated_at": moment(str(state.updated_at)),
    }
