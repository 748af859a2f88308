"""The Task table, written here and nowhere else, under the lock of the log's head. It can be thrown away: the log
rebuilds it (`tasks/rebuild.py`).
"""

import json
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef
from msgspec import structs

from events.bulk import fill
from events.models import TaskEvent
from tasks.models import Task
from tasks.state import TaskState

COLUMNS = ("id", *TaskState.__struct_fields__)


class Written(NamedTuple):
    changed: int
    added: int


def apply(task_id: uuid.UUID, state: TaskState) -> None:
    """Make the task's row equal to its state. Runs in the transaction that appends the events."""
    fields = structs.asdict(state)
    if not Task.objects.filter(pk=task_id).update(**fields):
        Task.objects.create(id=task_id, **fields)


def replace(states: Iterable[tuple[str, TaskState]]) -> Written:
    """Make many rows equal to their states, by task id; ids and times are the database's own text. A row that differs
    is removed and written anew, and so is a row that has another's number: a number is given once."""
    rows = [_row(task_id, state) for task_id, state in states]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE rebuilt AS SELECT * FROM tasks_task WHERE 1 = 0")
        fill("rebuilt", COLUMNS, rows)
        if connection.vendor == "postgresql":
            cursor.execute(
                "ANALYZE rebuilt"
            )  # else a join reads all tasks: it knows nothing of the table's size
        cursor.execute(_FORGET_EQUAL_ROWS[connection.vendor])
        written = _write_anew(cursor) if cursor.rowcount < len(rows) else Written(0, 0)
        cursor.execute("DROP TABLE rebuilt")
    return written


def _write_anew(cursor: Any) -> Written:
    """What is left in `rebuilt`."""
    cursor.execute("DELETE FROM tasks_task WHERE id IN (SELECT id FROM rebuilt)")
    changed = cursor.rowcount
    numbers = "SELECT organization_id, number FROM rebuilt"
    cursor.execute(f"DELETE FROM tasks_task WHERE (organization_id, number) IN ({numbers})")  # noqa: S608
    cursor.execute("INSERT INTO tasks_task SELECT * FROM rebuilt")
    return Written(changed, cursor.rowcount - changed)


def remove_without_events(organization_id: int | None) -> int:
    """Rows of tasks that no log knows. A creation commits its event and its row together, so this needs no lock."""
    tasks = Task.objects.exclude(Exists(TaskEvent.objects.filter(stream_id=OuterRef("pk"))))
    if organization_id is not None:
        tasks = tasks.filter(organization_id=organization_id)
    return tasks.delete()[0]


def _row(task_id: str, state: TaskState) -> tuple[Any, ...]:
    return (
        task_id,
        *structs.astuple(
            structs.replace(state, commenters=_json(state.commenters), mentioned=_json(state.mentioned))
        ),
    )


def _json(user_ids: list[int]) -> str:
    """As Django writes it."""
    return json.dumps(user_ids) if user_ids else "[]"


def _listed(table: str) -> str:
    """Byte by byte: equal JSON may be written in two ways."""
    columns = {name: f"{table}.{name}" for name in COLUMNS}
    columns |= {name: f"CAST({columns[name]} AS text)" for name in ("commenters", "mentioned")}
    return ", ".join(columns.values())


_FORGET_EQUAL_ROWS = {
    vendor: "DELETE FROM rebuilt WHERE EXISTS (SELECT 1 FROM tasks_task task WHERE task.id = rebuilt.id "  # noqa: S608
    f"AND ({_listed('task')}) {equals} ({_listed('rebuilt')}))"
    for vendor, equals in (("postgresql", "IS NOT DISTINCT FROM"), ("sqlite", "IS"))
}
