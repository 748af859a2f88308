"""What is asked of a task: the fields of a new one, and changes of fields as the commands that they are."""

import datetime as dt
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from api import task_shapes as shapes
from api.paging import Id
from api.parsing import Strict
from tasks import commands
from tasks.decide import TEXT_LIMIT, TITLE_LIMIT
from tasks.models import Task

Title = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": TITLE_LIMIT})]
Text = Annotated[str, Meta(extra_json_schema={"maxLength": TEXT_LIMIT})]


class NewTask(Strict):
    title: Title
    description: Text = ""
    assignee: Id | None = None
    due_date: dt.date | None = None
    labels: shapes.Labels = []


class TaskChange(Strict):
    """What is left out stays. All of it is one save, told as one piece of news."""

    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    status: shapes.Status | UnsetType = UNSET
    assignee: Id | UnsetType | None = UNSET
    due_date: dt.date | UnsetType | None = UNSET
    labels: shapes.Labels | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


# The commands to one field, in the order in which a task is restored, changed, archived.
_FIELDS = {
    "title": commands.RenameTask,
    "description": commands.DescribeTask,
    "status": commands.ChangeStatus,
    "assignee": commands.AssignTask,
    "due_date": commands.SetDueDate,
    "labels": commands.SetLabels,
}


def commands_of(task: Task, change: TaskChange, version: int | None) -> list[commands.TaskCommand]:
    asked: dict[str, Any] = {"task_id": task.pk, "expected_version": version}
    changes = [
        kind(**asked, **{"assignee_id" if name == "assignee" else name: value})
        for name, kind in _FIELDS.items()
        if (value := getattr(change, name)) is not UNSET
    ]
    if change.archived is False:
        return [commands.RestoreTask(**asked), *changes]
    return [*changes, commands.ArchiveTask(**asked)] if change.archived is True else changes
