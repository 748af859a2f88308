"""For the audit: every task's row is what its events make it, and there is no row without events."""

import uuid
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q
from msgspec.structs import asdict
from tqdm import tqdm

from base.transactions import write_transaction
from events.chain import COLUMNS, UNREADABLE, EventRow, require_database
from events.findings import Bars, Events, Finding, Scope, register
from events.models import ArchivedStream, LogHead, TaskEvent
from events.subjects import subject_of
from tasks.models import Task
from tasks.state import TaskState, fold
from tasks.subject import TASK

CHUNK = 5_000  # events; a stream is never cut
FIELDS = TaskState.__struct_fields__

Range = tuple[uuid.UUID | None, uuid.UUID | None]  # streams after the one, up to and with the other


class Told(NamedTuple):
    """What the log tells of a task: its last place, and its fields or why there are none."""

    org_id: int
    position: int
    number: int
    fields: dict[str, Any] | str


@register
def check_tasks(scope: Scope, bars: Bars) -> Iterator[Finding]:
    with bars(desc="Tasks", unit=" events", total=scope.events().count()) as bar:
        try:
            for streams in _ranges(scope.events()):
                told = _told(_between(streams, "stream_id", scope.events()), bar)
                rows = _rows(scope, streams, told)
                for task_id in told.keys() | rows.keys():
                    if (told[task_id].fields if task_id in told else None) != rows.get(task_id):
                        yield from _confirmed(task_id)
        except UNREADABLE as error:
            require_database(error)
            message = (
                f"not all tasks could be compared with their events, of which one cannot be read: {error}"
            )
            yield Finding(scope.org_id, None, "tasks_unreadable", message)


def _ranges(events: Events) -> Iterator[Range]:
    after = None
    while True:
        rest = _between((after, None), "stream_id", events).order_by("stream_id")
        upto = rest.values_list("stream_id", flat=True)[CHUNK : CHUNK + 1].first()
        yield after, upto
        if upto is None:
            return
        after = upto


def _between(streams: Range, field: str, rows: Any) -> Any:
    after, upto = streams
    if after is not None:
        rows = rows.filter(**{f"{field}__gt": after})
    return rows if upto is None else rows.filter(**{f"{field}__lte": upto})


def _told(events: Events, bar: "tqdm[None] | None" = None) -> dict[uuid.UUID, Told]:
    rows = (
        EventRow(*values)
        for values in events.order_by("stream_id", "version").values_list(*COLUMNS).iterator()
    )
    told = {}
    for stream_id, stream in groupby(rows, key=lambda row: row.stream_id):
        events_of_it = list(stream)
        if bar is not None:
            bar.update(len(events_of_it))
        if subject_of(events_of_it[0]) is not TASK:
            continue
        last = events_of_it[-1]
        told[stream_id] = Told(last.organization_id, last.position, last.task_number, _fields(events_of_it))
    return told


def _fields(stream: list[EventRow]) -> dict[str, Any] | str:
    try:
        state = fold(stream)
    except ValueError as error:
        return str(error)
    return asdict(state) if state else "it has no events"


def _rows(scope: Scope, streams: Range, told: dict[uuid.UUID, Told]) -> dict[uuid.UUID, dict[str, Any]]:
    """Read the tasks' rows, also those of other organizations whose events are in this one's log."""
    tasks = _between(streams, "pk", Task.objects.order_by())
    if scope.stream_id:
        tasks = tasks.filter(pk=scope.stream_id)
    elif scope.org_id is not None:
        tasks = tasks.filter(Q(organization_id=scope.org_id) | Q(pk__in=list(told)))
    archived = ArchivedStream.objects.filter(
        organization_id=OuterRef("organization_id"), stream_id=OuterRef("pk")
    )
    tasks = tasks.exclude(~Q(pk__in=list(told)), Exists(archived))
    return {pk: dict(zip(FIELDS, values, strict=True)) for pk, *values in tasks.values_list("pk", *FIELDS)}


def _confirmed(task_id: uuid.UUID) -> Iterator[Finding]:
    """Look again, while nobody writes: between the first look at the events and at the row, somebody may have."""
    streams = Scope(stream_id=task_id)
    owners = TaskEvent.objects.filter(stream_id=task_id).values("organization_id")
    with write_transaction():
        list(LogHead.objects.select_for_update().filter(pk__in=owners).order_by("pk"))
        told = _told(streams.events()).get(task_id)
        row = _rows(streams, (None, None), {}).get(task_id)
    if told is None:
        if row is not None:
            message = f"task {row['number']} has a row with the id {task_id}, but no events"
            yield Finding(row["organization_id"], None, "task_without_events", message)
    elif isinstance(told.fields, str):
        message = f"task {told.number} cannot be told from its events: {told.fields}"
        yield Finding(told.org_id, told.position, "task_not_told", message)
    elif row is None:
        message = f"task {told.number} has events, but no row"
        yield Finding(told.org_id, told.position, "task_missing", message)
    elif row != told.fields:
        yield Finding(told.org_id, told.position, "task_differs", _difference(told, told.fields, row))


def _difference(told: Told, fields: dict[str, Any], row: dict[str, Any]) -> str:
    differing = "; ".join(
        f"{field} is {_short(row[field])} in its row and {_short(fields[field])} by its events"
        for field in FIELDS
        if row[field] != fields[field]
    )
    return f"task {told.number}: {differing}"


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, int | None) else f"'{value}'"
    return text if len(text) <= 60 else text[:57] + "…'"
