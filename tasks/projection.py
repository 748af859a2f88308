"""The Task table, written here and nowhere else, under the lock of the log's head. It can be thrown away: the log
rebuilds it (`tasks/rebuild.py`).
"""

import uuid
from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import Col
from msgspec import structs

from base.as_written import AsWritten
from base.bulk import fill, stream
from base.column_values import uuid_for_column
from base.statements import Insertion, Row, Statement, Update, run
from events import log
from events.models import ArchivedStream, TaskEvent
from events.scan import Part
from tasks.models import Task
from tasks.state import TaskState, fold

# The state's fields are the model's columns: a new one needs nothing here.
COLUMNS = ("id", *TaskState.__struct_fields__)
_WRITTEN = AsWritten(Task, COLUMNS)
_INSERT, _UPDATE = Insertion(Task), Update(Task, key=["id", "organization_id"])
_SNAPSHOT = """SELECT
(SELECT MAX(version) FROM events_taskevent WHERE stream_id = %s AND organization_id = %s), {columns}
FROM (SELECT 1) one LEFT JOIN tasks_task task ON task.id = %s AND task.organization_id = %s"""


class Compared(NamedTuple):
    """Task ids, of rows that are there."""

    different: set[str]
    stateless: set[str]


class Written(NamedTuple):
    changed: int
    added: int


class Snapshot(NamedTuple):
    """A stream's newest version, 0 for none, and the state that the task's row tells; None without a row."""

    version: int
    row: TaskState | None

    @property
    def is_current(self) -> bool:
        """Say whether the row may be taken for the fold of the stream: both are written together, under one lock."""
        return self.version == (self.row.version if self.row else 0)


def question(organization_id: int, task_id: uuid.UUID) -> Statement:
    """Ask for the snapshot: for `snapshot_in`, under the lock of the log's head."""
    stream = [uuid_for_column(task_id), organization_id]
    return Statement(_SNAPSHOT.format(columns=_selected()), [*stream, *stream])


def snapshot_in(rows: Sequence[Row]) -> Snapshot:
    ((version, *values),) = rows
    return Snapshot(version or 0, _state(values) if values[0] is not None else None)


def applied(task_id: uuid.UUID, before: Snapshot, state: TaskState) -> list[Statement]:
    """Make the statements that let the task's row equal its state, in the transaction that appends the events."""
    row = SimpleNamespace(id=task_id, **structs.asdict(state))
    if before.row:
        return [_UPDATE.of(row)]
    # There may be one that somebody put into another organization.
    return [Statement("DELETE FROM tasks_task WHERE id = %s", [uuid_for_column(task_id)]), *_INSERT.of(row)]


def refresh(organization_id: int, stream_id: uuid.UUID) -> None:
    """Do as `applied`, from the task's events. What nobody here can fold stays as it is."""
    state = fold(log.load_past(organization_id, stream_id))
    if state is not None:
        run(*applied(stream_id, Snapshot(0, None), state))


def redescribe(organization_id: int, task_id: uuid.UUID, description: str) -> None:
    """Give the row of a task that is in the archive the description without what was erased."""
    Task.objects.filter(organization_id=organization_id, pk=task_id).update(description=description)


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
    """Delete the rows of tasks that neither a log nor its archive knows; return how many. A creation commits its event
    and its row together, so this needs no lock."""
    events = TaskEvent.objects.filter(stream_id=OuterRef("pk"))
    archived = ArchivedStream.objects.filter(
        organization_id=OuterRef("organization_id"), stream_id=OuterRef("pk")
    )
    return _rows(organization_id, part).exclude(Exists(events) | Exists(archived)).delete()[0]


def _rows(organization_id: int | None, part: Part) -> QuerySet[Task]:
    tasks = Task.objects.order_by().filter(pk__gte=part.first, pk__lte=part.last)
    return tasks if organization_id is None else tasks.filter(organization_id=organization_id)


def _row(task_id: str, state: TaskState) -> tuple[Any, ...]:
    """Give the values of COLUMNS as the database writes them."""
    return _WRITTEN.row((task_id, *structs.astuple(state)))


_FIELDS = {field.attname: field for field in Task._meta.concrete_fields}
_STATE = [_FIELDS[name] for name in TaskState.__struct_fields__]


def _selected() -> str:
    return ", ".join(f"task.{field.column}" for field in _STATE)


@cache
def _conversions() -> list[tuple[int, Col, list[Callable[..., Any]]]]:
    """Find Django's own converters of the state's columns, by place."""
    columns = [Col("task", field) for field in _STATE]
    converters = (
        [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        for column in columns
    )
    return [(place, *each) for place, each in enumerate(zip(columns, converters, strict=True)) if each[1]]


def _state(values: list[Any]) -> TaskState:
    for place, column, converters in _conversions():
        for convert in converters:
            values[place] = convert(values[place], column, connection)
    return TaskState(**dict(zip(TaskState.__struct_fields__, values, strict=True)))
