"""Tasks that may leave the log for the archive, and their rows, which go on alone: a digest says what they must be."""

import hashlib
import uuid
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from base.errors import Conflict
from events.erasure import Replace
from events.findings import Bars, Finding, Scope, register
from events.models import ArchivedStream, EventText, TaskEvent
from tasks import projection
from tasks.models import Task
from tasks.state import TaskState
from tasks.statuses import ACTIVE

FIELDS = TaskState.__struct_fields__
# A description can be erased, so the digest of a row leaves it out.
_FIXED = [name for name in FIELDS if name != "description"]
_encode = msgspec.json.Encoder(order="sorted").encode


class InArchive(Conflict):
    """The task's history is in the archive, so nothing can be added to it."""

    code = "in_archive"


REFUSED = (
    "This task was finished, and its history is in the archive: it can be read, and not changed. Create a new task, "
    "and name this one in it."
)


def archivable(organization_id: int, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Find the finished tasks among these streams, each with its row's digest."""
    tasks = Task.objects.filter(organization_id=organization_id, pk__in=ids)
    return dict(_digests(tasks.filter(Q(archived=True) | ~Q(status__in=ACTIVE))))


def _digests(tasks: QuerySet[Task]) -> Iterator[tuple[uuid.UUID, str]]:
    for task_id, *values in tasks.order_by().values_list("pk", *_FIXED):
        yield task_id, row_digest(dict(zip(_FIXED, values, strict=True)))


def row_digest(fields: dict[str, Any]) -> str:
    """Compute the hexadecimal SHA-256 of a row's columns, but for the description, as JSON with sorted keys."""
    return hashlib.sha256(_encode(fields)).hexdigest()


def refuse_archived(task_id: uuid.UUID) -> None:
    """Refuse what is done to a task of any organization without events. Raises InArchive."""
    if ArchivedStream.objects.filter(stream_id=task_id).exists():
        raise InArchive(REFUSED)


def archived_states(organization_id: int) -> Iterator[tuple[str, TaskState]]:
    """Read the states of the organization's tasks without events, as a scan of the log gives them: ids and times are
    the database's own text."""
    its = ArchivedStream.objects.filter(organization_id=organization_id).values("stream_id")
    tasks = Task.objects.filter(organization_id=organization_id, pk__in=its).order_by()
    columns = [Cast(name, TextField()) if name in _TIMES else name for name in FIELDS]
    for task_id, *values in tasks.values_list(Cast("pk", TextField()), *columns):
        yield task_id, TaskState(**dict(zip(FIELDS, values, strict=True)))


def erase_archived(user_id: int, replace: Replace) -> None:
    """Take this person's words from the rows of tasks without events, and what names them from others'."""
    for stream in ArchivedStream.objects.filter(author_id=user_id).iterator():
        projection.redescribe(stream.organization_id, stream.stream_id, "")
    archived = Exists(
        ArchivedStream.objects.filter(organization_id=OuterRef("organization_id"), stream_id=OuterRef("pk"))
    )
    mentions = Q(description__contains="@") | Q(description__contains="＠")
    for task in Task.objects.filter(archived, mentions).iterator():
        text = EventText(event=TaskEvent(stream_id=task.pk), body=task.description)
        if (body := replace(text)) != text.body:
            projection.redescribe(task.organization_id, task.pk, body)


_TIMES = ("created_at", "updated_at")


@register
def check_archived(scope: Scope, bars: Bars) -> Iterator[Finding]:
    """Check that each task without events has the row that it had when they left."""
    streams = ArchivedStream.objects.order_by("organization_id", "stream_id")
    if scope.org_id is not None:
        streams = streams.filter(organization_id=scope.org_id)
    if scope.stream_id is not None:
        streams = streams.filter(stream_id=scope.stream_id)
    rows = Task.objects.filter(organization_id=OuterRef("organization_id"), pk=OuterRef("stream_id"))
    columns = {f"its_{name}": Subquery(rows.values(name)[:1]) for name in _FIXED}
    found = streams.annotate(**columns).values_list("organization_id", "stream_id", "state", *columns)
    for org_id, stream_id, state, *values in found.iterator():
        fields = dict(zip(_FIXED, values, strict=True))
        if fields["number"] is None:
            message = f"a task that is in the archive, with the id {stream_id}, has no row"
            yield Finding(org_id, None, "task_missing", message)
        elif row_digest(fields) != state:
            message = f"task {fields['number']} is in the archive, and its row has changed since"
            yield Finding(org_id, None, "task_differs", message)
