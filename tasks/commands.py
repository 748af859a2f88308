"""What can be asked for: one frozen dataclass per command. `services.execute` is the one way in.

`expected_version` is the version that the asker saw. When it is given and stale, the command is refused. `seen_version`
is it too, of one field: the command is refused when somebody changed that field since, whatever else they did.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    organization_id: int
    title: str
    description: str = ""
    assignee_id: int | None = None
    due_date: dt.date | None = None
    labels: Sequence[str] = ()
    task_id: uuid.UUID | None = None  # chosen by the asker, so that asking twice creates once


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTask(CreateTask):
    """One row of a file. The last of them tells of all: how many there are, and who has some of them."""

    status: str
    count: int = 0
    assignee_ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCommand:
    task_id: uuid.UUID
    expected_version: int | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTask(TaskCommand):
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeTask(TaskCommand):
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStatus(TaskCommand):
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTask(TaskCommand):
    assignee_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDueDate(TaskCommand):
    due_date: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLabels(TaskCommand):
    labels: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOnTask(TaskCommand):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCommand(TaskCommand):
    comment: int  # its version


@dataclass(frozen=True, slots=True, kw_only=True)
class EditComment(CommentCommand):
    text: str
    revision: int | None = None  # the version that gave it the text that the asker saw


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteComment(CommentCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class React(CommentCommand):
    reaction: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTask(TaskCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTask(TaskCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackImport(TaskCommand):
    pass


Command = CreateTask | TaskCommand
