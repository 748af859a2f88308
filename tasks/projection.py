"""The Task table, written here and nowhere else. It can be thrown away: the log rebuilds it."""

import uuid

from msgspec.structs import asdict

from tasks.models import Task
from tasks.state import TaskState


def apply(task_id: uuid.UUID, state: TaskState) -> None:
    """Make the task's row equal to its state. Runs in the transaction that appends the events."""
    fields = asdict(state)
    if not Task.objects.filter(pk=task_id).update(**fields):
        Task.objects.create(id=task_id, **fields)
