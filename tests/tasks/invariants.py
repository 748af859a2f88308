"""What must hold after every command, whoever gave it and in whatever order."""

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from typing import Any

from django.db import connection
from msgspec.structs import asdict
from tqdm import tqdm

from events.digests import digest
from events.log import load_past, load_stream
from events.models import GENESIS, LogHead, TaskEvent
from events.subjects import Recorded
from inbox.models import Notification, Reason, Watch
from inbox.recipients import reason_for
from orgs.models import Membership
from tasks import facts
from tasks.facts import TASK_FACTS
from tasks.models import Task
from tasks.participants import participants
from tasks.projection import COLUMNS
from tasks.rebuild import rebuild
from tasks.state import fold

# No progress bar.
hidden = partial(tqdm, disable=True)
# `load_past`, by which commands read, costs less than `load_stream`; tests/events/test_log.py shows them the same.
Load = Callable[[int, uuid.UUID], Iterable[Recorded]]


def row_of(task_id: uuid.UUID) -> dict[str, Any]:
    """Every column of the task's row but its id, as the database has it."""
    task = Task.objects.get(pk=task_id)
    return {
        field.attname: field.value_from_object(task)
        for field in Task._meta.concrete_fields
        if not field.primary_key
    }


def assert_the_fold_is_the_row(task_id: uuid.UUID, load: Load = load_past) -> None:
    row = row_of(task_id)
    state = fold(load(row["organization_id"], task_id))
    assert state is not None
    assert asdict(state) == row


def assert_every_fold_is_its_row() -> None:
    """Of whole events, and there is no task without a stream, nor a stream without a task."""
    of_tasks = TaskEvent.objects.filter(action__in=[fact.action for fact in TASK_FACTS])
    streams = set(of_tasks.order_by().values_list("stream_id", flat=True).distinct())
    assert streams == set(Task.objects.order_by().values_list("pk", flat=True))
    for stream_id in streams:
        assert_the_fold_is_the_row(stream_id, load_stream)


def table() -> list[tuple[Any, ...]]:
    """Every byte of the table of tasks."""
    columns = ", ".join(f"CAST({name} AS text)" for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM tasks_task ORDER BY id")
        return cursor.fetchall()


def assert_the_log_rebuilds_the_table() -> None:
    before = table()
    Task.objects.all().delete()
    rebuild(None, hidden)
    assert table() == before


def assert_the_log_holds(organization_id: int) -> list[TaskEvent]:
    """Positions and versions without holes, ids in the order of positions, the chain unbroken up to the head."""
    events = list(TaskEvent.objects.filter(organization_id=organization_id).order_by("position"))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert all(one.pk < next_one.pk for one, next_one in pairwise(events))
    versions: dict[uuid.UUID, int] = {}
    previous = GENESIS
    for event in events:
        versions[event.stream_id] = versions.get(event.stream_id, 0) + 1
        assert event.version == versions[event.stream_id]
        assert event.digest == digest(previous, event)
        previous = event.digest
    head = LogHead.objects.filter(pk=organization_id).first() or LogHead(organization_id=organization_id)
    assert (head.position, head.digest) == (len(events), previous)
    return events


def expected_reasons(event: TaskEvent) -> dict[int, str]:
    """user id -> the strongest reason that any part of the save gives, by the pure rules, with members, levels and
    watches as they are now; nobody for a part that is told with a later one."""
    stream = load_stream(event.organization_id, event.stream_id)
    watchers = Watch.objects.filter(stream_id=event.stream_id).values_list("user_id", flat=True)
    members = Membership.objects.filter(organization_id=event.organization_id, user__is_active=True)
    levels = list(members.values_list("user_id", "level"))
    told: dict[int, list[str]] = {}
    for version in range(event.version - event.parts + 1, event.version + 1):
        before, after, part = fold(stream[: version - 1]), fold(stream[:version]), stream[version - 1]
        assert after is not None
        concerned = participants(part.fact, before, after, watchers)
        for user_id, level in levels:
            reason = reason_for(
                user_id,
                level,
                actor_id=part.actor_id,
                participants=concerned,
                to_all=part.fact.to_all,
                watching=[] if isinstance(part.fact, facts.CommentEdited | facts.Reacted) else watchers,
            )
            if reason is not None:
                told.setdefault(user_id, []).append(reason)
    return {user_id: min(reasons, key=Reason.values.index) for user_id, reasons in told.items()}


def delivered_reasons(event: TaskEvent) -> dict[int, str]:
    rows = Notification.objects.filter(event_id=event.pk, organization_id=event.organization_id)
    return dict(rows.values_list("recipient_id", "reason"))


def assert_everybody_is_told_right(events: list[TaskEvent]) -> None:
    """Ask right after the command, while members, levels and watches are what they were."""
    for event in events:
        expected = expected_reasons(event)
        assert delivered_reasons(event) == expected
        assert Notification.objects.filter(event_id=event.pk).count() == len(expected)


def counts() -> tuple[int, ...]:
    """How much there is of everything that a command writes."""
    heads = tuple(LogHead.objects.order_by("pk").values_list("pk", "position", "digest"))
    return (
        TaskEvent.objects.count(),
        Task.objects.count(),
        Notification.objects.count(),
        hash(heads),
        hash(tuple(Task.objects.order_by("pk").values_list("pk", "version"))),
    )
