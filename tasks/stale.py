"""Whether somebody changed the very field that a command changes, since its asker looked. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from base.errors import Conflict
from events.facts import Fact
from tasks import commands, facts
from tasks.state import TaskState


class Field(NamedTuple):
    """A field of the state, the command that asks for it, and the fact that sets it."""

    name: str
    command: type[commands.TaskCommand]
    fact: type[Fact]

    def wanted(self, command: commands.TaskCommand) -> Any:
        return getattr(command, self.name)


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("title", commands.RenameTask, facts.TaskRenamed),
        Field("description", commands.DescribeTask, facts.TaskDescribed),
        Field("status", commands.ChangeStatus, facts.StatusChanged),
        Field("assignee_id", commands.AssignTask, facts.AssigneeChanged),
        Field("due_date", commands.SetDueDate, facts.DueDateChanged),
        Field("labels", commands.SetLabels, facts.LabelsChanged),
    )
}
_BY_COMMAND = {field.command: field for field in FIELDS.values()}


class Outdated(Conflict):
    """Somebody changed the task since its asker looked, whatever of it."""


class Stale(Conflict):
    """`version`: of the newest event that changed the field."""

    def __init__(self, field: str, version: int) -> None:
        super().__init__("Somebody changed this meanwhile. Check it, then save again.")
        self.field = field
        self.version = version


def field_of(command: commands.Command) -> Field | None:
    """Find the field that the command changes; None for one that changes no single field."""
    return None if isinstance(command, commands.CreateTask) else _BY_COMMAND.get(type(command))


def refuse_stale(command: commands.Command, state: TaskState | None, changed: int | None) -> None:
    """Raise Stale where the field is another since its asker looked: `changed` is the version of the newest event since
    that set it. What others did to other fields is in nobody's way."""
    field = field_of(command)
    if state is None or field is None or changed is None or isinstance(command, commands.CreateTask):
        return
    if getattr(state, field.name) != field.wanted(command):
        raise Stale(field.name, changed)
