"""Importing tasks, all at once or in parts, and taking an import back. Each task's id comes from the import's and its
row's number, so the same asked twice is done once."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from base.errors import Invalid
from events.models import TaskEvent
from orgs.models import Membership
from tasks.commands import ImportTask, TakeBackImport
from tasks.csv_import.reading import MOST_ROWS
from tasks.csv_import.rows import Read
from tasks.facts import TasksImported
from tasks.models import Task
from tasks.services import execute_together

AT_ONCE = 100  # tasks: others who write wait for as many


class Progress(NamedTuple):
    done: int
    of: int


def import_tasks(membership: Membership, import_id: uuid.UUID, found: Sequence[Read]) -> int:
    """Create the tasks of these rows; the last one tells of all. Returns how many there were. Raises DomainError; what
    was created before stays, and the same asked again goes on."""
    commands = _commands(membership, import_id, found)
    for start in range(0, len(commands), AT_ONCE):
        execute_together(commands[start : start + AT_ONCE], actor=membership.user)
    return len(commands)


def import_part(membership: Membership, import_id: uuid.UUID, found: Sequence[Read]) -> Progress:
    """Create the next of these tasks, as many as are created at once, and say how far it is. Which are next the table
    says, so that no part is left out. Raises DomainError."""
    commands = _commands(membership, import_id, found)
    there = {task.pk for task in imported(membership, import_id)}
    left = [command for command in commands if command.task_id not in there]
    execute_together(left[:AT_ONCE], actor=membership.user)
    return Progress(len(commands) - len(left[AT_ONCE:]), len(commands))


def _commands(membership: Membership, import_id: uuid.UUID, found: Sequence[Read]) -> list[ImportTask]:
    good = [read for read in found if not read.problems]
    if not good:
        raise Invalid("No row can be imported as it is. Correct the file, or choose other columns.")
    commands = [
        replace(read.command(membership.organization_id), task_id=task_id(import_id, read.number))
        for read in good
    ]
    assignees = {read.assignee.user_id for read in good if read.assignee}
    commands[-1] = replace(commands[-1], count=len(good), assignee_ids=sorted(assignees))
    return commands


def task_id(import_id: uuid.UUID, number: int) -> uuid.UUID:
    return uuid.uuid5(import_id, str(number))


def imported(membership: Membership, import_id: uuid.UUID) -> list[Task]:
    """Find the tasks of an import, in the order of their numbers."""
    ids = [task_id(import_id, number) for number in range(1, MOST_ROWS + 1)]
    tasks = Task.objects.filter(organization_id=membership.organization_id, pk__in=ids)
    return list(tasks.select_related("organization").order_by("number"))


def untouched(tasks: Sequence[Task]) -> list[Task]:
    """Keep those that nobody has changed since."""
    later = TaskEvent.objects.filter(stream_id__in=[task.pk for task in tasks], version__gt=1)
    changed = set(later.exclude(action=TasksImported.action).values_list("stream_id", flat=True))
    return [task for task in tasks if task.pk not in changed]


def take_back(membership: Membership, import_id: uuid.UUID) -> int:
    """Archive the tasks of an import that nobody has changed. Returns how many. Raises DomainError."""
    tasks = untouched(imported(membership, import_id))
    for start in range(0, len(tasks), AT_ONCE):
        some = tasks[start : start + AT_ONCE]
        execute_together(
            [TakeBackImport(task_id=task.pk, expected_version=task.version) for task in some],
            actor=membership.user,
        )
    return len(tasks)
