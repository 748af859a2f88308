"""A task as a row of the list and a card of the board show it: plain values, which templates/lists draw."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from msgspec import Struct

from orgs.names import display_name_of
from tasks.models import Task, task_key

COLUMNS = (
    "pk",
    "number",
    "version",
    "title",
    "status",
    "labels",
    "due_date",
    "archived",
    "updated_at",
    "assignee_id",
    "assignee__username",
    "assignee__first_name",
    "assignee__last_name",
    "assignee__erased_at",
    "assignee__picture",
)


class TaskRow(Struct, kw_only=True):
    """`unread`: the ids of the events that its reader has not read, newest first. Without `pk` it is blank: what the
    scripts make a new row of."""

    pk: uuid.UUID | None = None
    number: int = 0
    key: str = ""
    version: int = 0
    title: str = ""
    status: str = "open"
    labels: list[str] = []
    due_date: dt.date | None = None
    archived: bool = False
    updated_at: dt.datetime | None = None
    assignee_id: int | None = None
    assignee: str = ""  # the name that people see
    picture: str = ""  # of the assignee
    unread: list[int] = []


BLANK = TaskRow()


def columns_of(tasks: QuerySet[Task]) -> QuerySet[Any, Any]:
    return tasks.values_list(*COLUMNS)


def rows_of(slug: str, found: Iterable[tuple[Any, ...]]) -> list[TaskRow]:
    """Make rows of `columns_of`."""
    return [_row(slug, *columns) for columns in found]


def row_of(task: Task, slug: str) -> TaskRow:
    """Make the row of a task that is loaded with its assignee."""
    columns = {name: getattr(task, name) for name in COLUMNS[:10]}
    name, picture = (task.assignee.display_name, task.assignee.picture) if task.assignee else ("", "")
    return TaskRow(key=task_key(slug, task.number), assignee=name, picture=picture, **columns)


def _row(
    slug: str,
    pk: uuid.UUID,
    number: int,
    version: int,
    title: str,
    status: str,
    labels: list[str],
    due_date: dt.date | None,
    archived: bool,
    updated_at: dt.datetime,
    assignee_id: int | None,
    username: str,
    first_name: str,
    last_name: str,
    erased_at: dt.datetime | None,
    picture: str | None,
) -> TaskRow:
    name = assignee_id and display_name_of(username, first_name, last_name, is_erased=erased_at is not None)
    return TaskRow(
        pk=pk,
        number=number,
        key=task_key(slug, number),
        version=version,
        title=title,
        status=status,
        labels=labels,
        due_date=due_date,
        archived=archived,
        updated_at=updated_at,
        assignee_id=assignee_id,
        assignee=name or "",
        picture=picture or "",
    )
