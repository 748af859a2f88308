"""The Task table, written here and nowhere else, under the lock of the log's head. It can be thrown away: the log
rebuilds it (`tasks/rebuild.py`).
"""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from msgspec import structs

from base.as_written import AsWritten
from base.bulk import fill, stream
from events import log
from events.models import TaskEvent
from events.scan import Part
from tasks.models import Task
from tasks.state import TaskState, fold

# The state's fields are the model's columns: a new one needs nothing here.
COLUMNS = ("id", *TaskState.__struct_fields__)
_WRITTEN = AsWritten(Task, COLUMNS)


class Compared(NamedTuple):
    """Task ids, of rows that are there."""

    different: set[str]
    stateless: set[str]


class Written(NamedTuple):
    changed: int
    added: int


def apply(task_id: uuid.UUID, state: TaskState) -> None:
    """Make the task's row equal to its state. Call it in the transaction that appends the events."""
    fields = structs.asdict(state)
    if not Task.objects.filter(organization_id=state.organization_id, pk=task_id).update(**fields):
        Task.objects.filter(pk=task_id).delete()  # one that somebody put into another organization
        Task.objects.create(id=task_id, **fields)


def refresh(organization_id: int, stream_id: uuid.UUID) -> None:
    """Do as `apply`, from the task's events. What nobody here can fold stays as it is."""
    state = fold(log.load_past(organization_id, stream_id))
    if state is not None:
        apply(stream_id, state)


def compare(organization_id: int | None, part: Part, states: dict[str, TaskState]) -> Compared:
    """Keep only the states whose rows differ from them, byte by byte, or are missing. It needs no lock."""
    compared = Compared(different=set(), stateless=set())
    for row in stream(_rows(organization_id, part).values_list(*_WRITTEN.selected)):
        task_id = row[0]
        if task_id not in states:
            compared.stateless.add(task_id)
        elif row == _row(task_id, states[task_id]):
            del states[task_id]
        else:
            compared.different.add(task_id)
    return compared


def write(states: Sequence[tuple[str, TaskState]], different: set[str]) -> Written:
    """Make these tasks' rows anew, by task id. `different` holds the ids of those that are there."""
    # The key holds the organization: a row that somebody put into another one is in nobody's way.
    if not different.intersection(ids := [task_id for task_id, _ in states]) and not _there(ids):
        try:
            with transaction.atomic():
                fill(Task._meta.db_table, COLUMNS, (_row(*task) for task in states))
            return Written(changed=0, added=len(states))
        except IntegrityError:
            pass  # one has come meanwhile, another task's row holds a number, or the log tells what cannot be
    return _replace(states)


def _there(task_ids: list[str]) -> bool:
    return Task.objects.filter(pk__in=task_ids).exists()


def _replace(states: Sequence[tuple[str, TaskState]]) -> Written:
    """Write these in place of the rows with their ids, and of those with their numbers: a number is given
    once."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE rebuilt AS SELECT * FROM tasks_task WHERE 1 = 0")
        fill("rebuilt", COLUMNS, (_row(*task) for task in states))
        if connection.vendor == "postgresql":
            # Else a join reads all tasks: it knows nothing of the table's size.
            cursor.execute("ANALYZE rebuilt (id, organization_id, number)")
        cursor.execute("DELETE FROM tasks_task WHERE id IN (SELECT id FROM rebuilt)")
        changed = cursor.rowcount
        numbers = "SELECT organization_id, number FROM rebuilt"
        cursor.execute(f"DELETE FROM tasks_task WHERE (organization_id, number) IN ({numbers})")  # noqa: S608
        cursor.execute("INSERT INTO tasks_task SELECT * FROM rebuilt")
        written = Written(changed, cursor.rowcount - changed)
        cursor.execute("DROP TABLE rebuilt")
    return written


def remove_without_events(organization_id: int | None, part: Part) -> int:
    """Delete the rows of tasks that no log knows; return how many. A creation commits its event and its row
    together, so this needs no lock."""
    events = TaskEvent.objects.filter(stream_id=OuterRef("pk"))
    return _rows(organization_id, part).exclude(Exists(events)).delete()[0]


def _rows(organization_id: int | None, part: Part) -> QuerySet[Task]:
    tasks = Task.objects.order_by().filter(pk__gte=part.first, pk__lte=part.last)
    return tasks if organization_id is None else tasks.filter(organization_id=organization_id)


def _row(task_id: str, state: TaskState) -> tuple[Any, ...]:
    """Give the values of COLUMNS as the database writes them."""
    return _WRITTEN.row((task_id, *structs.astuple(state)))
