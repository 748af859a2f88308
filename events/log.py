"""Append and load: the only module that writes the log."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from django.db.models import BigIntegerField, F, TextField, UUIDField
from django.db.models.functions import Cast

from events.correlation import current_request_id
from events.digests import digest
from events.facts import Fact
from events.models import EventText, LogHead, TaskEvent
from events.raw_facts import read_json
from events.texts import seal
from orgs.compiled import Compiled, Parameter
from orgs.models import User


class Entry(NamedTuple):
    """A fact about to be appended, and the task's title once it holds."""

    fact: Fact
    subject: str


class PastEvent(msgspec.Struct, gc=False):
    """What a fold reads of an event."""

    fact: Fact
    version: int
    organization_id: int
    task_number: int
    actor_id: int
    created_at: dt.datetime


_HEAD_FIELDS = ("organization_id", "position", "digest")
_HEAD = Compiled(
    lambda: (
        LogHead.objects.select_for_update()
        .filter(pk=Parameter("organization_id", BigIntegerField()))
        .values_list(*_HEAD_FIELDS)
    )
)
_PAST = Compiled(
    lambda: (
        TaskEvent.objects.filter(
            organization_id=Parameter("organization_id", BigIntegerField()),
            stream_id=Parameter("stream_id", UUIDField()),
        )
        .order_by("version")
        .values_list(
            "version",
            "organization_id",
            "task_number",
            "actor_id",
            Cast("created_at", TextField()),
            "action",
            "schema_version",
            Cast("details", TextField()),
            F("text__body"),
        )
    )
)


def lock_head(organization_id: int) -> LogHead:
    """Lock the organization's log until the commit. Take this lock first, before any other row's: taken late, two
    tasks in one transaction deadlock. The head appears when it is first needed."""
    rows = _HEAD.rows(organization_id=organization_id)
    if not rows:
        LogHead.objects.bulk_create([LogHead(organization_id=organization_id)], ignore_conflicts=True)
        rows = _HEAD.rows(organization_id=organization_id)
    return LogHead.from_db(None, _HEAD_FIELDS, rows[0])


def append(
    head: LogHead,
    stream_id: uuid.UUID,
    task_number: int,
    after_version: int,
    entries: Sequence[Entry],
    *,
    actor: User,
    now: dt.datetime,
) -> list[TaskEvent]:
    """Append to a stream whose last version is `after_version`, under the lock of `lock_head`.

    Event ids are given under the same lock, so within an organization id order is position order too.
    """
    events, texts = [], []
    for step, entry in enumerate(entries, start=1):
        event = TaskEvent(
            organization_id=head.organization_id,
            position=head.position + 1,
            stream_id=stream_id,
            version=after_version + step,
            action=entry.fact.action,
            schema_version=entry.fact.schema_version,
            task_number=task_number,
            subject=entry.subject,
            actor=actor,
            created_at=now,
            request_id=current_request_id(),
        )
        texts.append(seal(event, entry.fact))
        event.fact = entry.fact
        head.position, head.digest = event.position, digest(head.digest, event)
        event.digest = head.digest
        events.append(event)
    TaskEvent.objects.bulk_create(events)
    EventText.objects.bulk_create([text for text in texts if text])
    head.save(update_fields=["position", "digest"])
    return events


def load_stream(organization_id: int, stream_id: uuid.UUID) -> list[TaskEvent]:
    """The stream's events in version order; empty when there is no such task in that organization."""
    events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id)
    return list(events.readable().order_by("version"))


def load_outline(organization_id: int, stream_id: uuid.UUID) -> list[TaskEvent]:
    """The same events without their free texts: whatever was written, a long history weighs little."""
    events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id)
    return list(events.outlined().order_by("version"))


def load_past(organization_id: int, stream_id: uuid.UUID) -> list[PastEvent]:
    """The same events, for a fold: 4 us each instead of 60, so that a task's 500th comment costs little more."""
    rows = _PAST.rows(organization_id=organization_id, stream_id=stream_id)
    return [
        PastEvent(read_json(*fact), version, organization_id, number, actor_id, _utc(created_at))
        for version, organization_id, number, actor_id, created_at, *fact in rows
    ]


def _utc(text: str) -> dt.datetime:
    """A time as either database writes it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
