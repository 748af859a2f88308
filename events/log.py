"""Append and load: the only module that writes the log."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from django.db.models import BigIntegerField, TextField, UUIDField
from django.db.models.functions import Cast

from base.compiled import Compiled, Parameter
from base.compiled_lists import CompiledList, CompiledModels
from base.correlation import current_request_id, current_via, note_logged
from base.statements import Insertion, Placed, Row, Statement, Update, run
from base.transactions import log_locked
from events.digests import digest
from events.facts import Fact, TextsErased, folding_actions
from events.models import AppendOnlyQuerySet, EventText, LogHead, TaskEvent, said_of
from events.raw_facts import read_json
from events.saves import from_a_beginning
from events.sizes import fitting
from events.texts import seal, taken
from orgs.models import Organization, User

NEWEST = 2**31 - 1  # no version is beyond it


class Entry(NamedTuple):
    """A fact about to be appended, and the title of what it is about once it holds. With an erasure, the texts that it
    puts in the places of others."""

    fact: Fact
    subject: str
    redacted: Sequence[EventText] = ()


class PastEvent(msgspec.Struct, gc=False):
    """What a fold reads of an event."""

    fact: Fact
    version: int
    organization_id: int
    task_number: int
    actor_id: int
    created_at: dt.datetime


# In the place of an event's id, while it is not known: the event's organization and position stand for it.
EVENT_ID = "(SELECT id FROM events_taskevent WHERE organization_id = %s AND position = %s)"

_INSERT = Insertion(TaskEvent, without=["id"], ending="RETURNING position, id")
_INSERT_TEXT = Insertion(
    EventText,
    placed={"event_id": Placed(EVENT_ID, lambda text: (text.organization_id, text.event.position))},
)
_INSERT_HEAD = Insertion(LogHead, ending="ON CONFLICT DO NOTHING")
_UPDATE_HEAD = Update(LogHead, key=["organization_id"])

_HEAD_FIELDS = ("organization_id", "position", "digest")
_HEAD = Compiled(
    lambda: (
        LogHead.objects.select_for_update()
        .filter(pk=Parameter("organization_id", BigIntegerField()))
        .values_list(*_HEAD_FIELDS)
    )
)
_OF_STREAM = {
    "organization_id": Parameter("organization_id", BigIntegerField()),
    "stream_id": Parameter("stream_id", UUIDField()),
}
_PAST_COLUMNS = (
    "version",
    "organization_id",
    "task_number",
    "actor_id",
    Cast("created_at", TextField()),
    "action",
    "schema_version",
    Cast("details", TextField()),
)
_PAST = Compiled(
    lambda: (
        TaskEvent.objects.filter(**_OF_STREAM, version__lte=Parameter("upto", BigIntegerField()))
        .order_by("version")
        .values_list(*_PAST_COLUMNS)
    )
)
_ONE = Compiled(
    lambda: (
        TaskEvent.objects.filter(**_OF_STREAM, version=Parameter("version", BigIntegerField()))
        .order_by()
        .values_list(*_PAST_COLUMNS)
    )
)
_SAID_OF = Compiled(
    lambda: (
        TaskEvent.objects.alias(of=said_of("comment"))
        .filter(**_OF_STREAM, of=Parameter("of", TextField()))
        .order_by()
        .values_list(*_PAST_COLUMNS)
    )
)
_NEWEST = Compiled(
    lambda: (
        TaskEvent.objects.filter(
            **_OF_STREAM,
            version__gt=Parameter("after", BigIntegerField()),
            action=Parameter("action", TextField()),
        )
        .order_by("-version")
        .values_list("version")[:1]
    )
)
_BODY = Compiled(
    lambda: EventText.objects.filter(
        organization_id=Parameter("organization_id", BigIntegerField()),
        event__organization_id=Parameter("organization_id", BigIntegerField()),
        event__stream_id=Parameter("stream_id", UUIDField()),
        event__version=Parameter("version", BigIntegerField()),
    ).values_list("body")
)


_NEWEST_VERSION = CompiledList(lambda: _stream().order_by("-version").values_list("version"))


def _stream() -> AppendOnlyQuerySet:
    return TaskEvent.objects.filter(
        organization_id=Parameter("organization_id", BigIntegerField()),
        stream_id=Parameter("stream_id", UUIDField()),
    )


@cache
def _newest(without: tuple[str, ...]) -> tuple[CompiledList, CompiledModels]:
    """Give what measures a stream's newest events, and what loads them."""

    def found() -> AppendOnlyQuerySet:
        upto = _stream().filter(version__lte=Parameter("upto", BigIntegerField()))
        return upto.exclude(action__in=without).order_by("-version")

    sizes = CompiledList(lambda: found().sized().values_list(*["octets"]))
    return sizes, CompiledModels(lambda: found().readable())


@cache
def _describing() -> CompiledModels:
    actions = folding_actions()
    return CompiledModels(lambda: _stream().filter(action__in=actions).outlined().order_by("-version"))


def lock_head(organization_id: int) -> LogHead:
    """Lock the organization's log until the commit. Take this lock first, before any other row's: taken late, two
    streams in one transaction deadlock. The head appears when it is first needed."""
    rows = _HEAD.rows(organization_id=organization_id)
    if not rows:
        run(*_INSERT_HEAD.of(LogHead(organization_id=organization_id)))
        rows = _HEAD.rows(organization_id=organization_id)
    log_locked()
    return LogHead.from_db(None, _HEAD_FIELDS, rows[0])


def lock_all() -> dict[int, LogHead]:
    """Lock every log, in the order of their ids. Returns the heads by organization id."""
    without = Organization.objects.filter(log_head=None).order_by("pk").values_list("pk", flat=True)
    run(*_INSERT_HEAD.of(*(LogHead(organization_id=pk) for pk in without)))
    return {head.pk: head for head in LogHead.objects.select_for_update().order_by("pk")}


class Save(NamedTuple):
    """Events that have been made and not written yet, and the statements that write them, with their texts. The head's
    (`head_moved`) comes last of all that is written: the database lets texts come and go only beside events that the
    head does not know yet."""

    events: list[TaskEvent]
    statements: list[Statement]


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
    """Append one save, as `saved` makes it."""
    save = saved(head, stream_id, task_number, after_version, entries, actor=actor, now=now)
    run(*save.statements, head_moved(head))
    return save.events


def saved(
    head: LogHead,
    stream_id: uuid.UUID,
    task_number: int,
    after_version: int,
    entries: Sequence[Entry],
    *,
    actor: User,
    now: dt.datetime,
) -> Save:
    """Make a save that follows the stream's last version, `after_version`, under the lock of `lock_head`. `head` moves
    to its end. The events get their ids when the statements run.

    Ids are given under the same lock, so within an organization id order is position order too.
    """
    events, texts = [], []
    note_logged()
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
            parts=len(entries) if step == len(entries) else 0,
            via=current_via().public_id or None,
        )
        texts.append(seal(event, entry.fact))
        event.fact, event.follows = entry.fact, head.digest
        head.position, head.digest = event.position, digest(head.digest, event)
        event.digest = head.digest
        events.append(event)
    return Save(events, [*_written(events, [text for text in texts if text]), *_erased(events, entries)])


def head_moved(head: LogHead) -> Statement:
    """Make the statement that lets the log end where the saves that were made end."""
    return _UPDATE_HEAD.of(head)


def _written(events: Sequence[TaskEvent], texts: Sequence[EventText]) -> list[Statement]:
    at = {event.position: event for event in events}

    def number(rows: list[Row]) -> None:
        for position, event_id in rows:
            at[position].pk, at[position]._state.adding = event_id, False

    return [*_INSERT.of(*events, taking=number), *_INSERT_TEXT.of(*texts)]


def _erased(events: Sequence[TaskEvent], entries: Sequence[Entry]) -> list[Statement]:
    return [
        statement
        for event, entry in zip(events, entries, strict=True)
        if isinstance(entry.fact, TextsErased)
        for statement in taken(event, entry.fact, entry.redacted)
    ]


def load_stream(organization_id: int, stream_id: uuid.UUID) -> list[TaskEvent]:
    """Load the stream's events in version order; none when there is no such stream in that organization."""
    events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id)
    return list(events.readable().order_by("version"))


def load_outline(
    organization_id: int, stream_id: uuid.UUID, after: int = 0, upto: int = NEWEST
) -> list[TaskEvent]:
    """Load the events beyond version `after`, up to `upto`, without their free texts: whatever was written,
    they weigh little."""
    events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id)
    return list(events.filter(version__gt=after, version__lte=upto).outlined().order_by("version"))


def load_newest(
    organization_id: int,
    stream_id: uuid.UUID,
    upto: int,
    most: int,
    octets: int,
    without: Sequence[str] = (),
) -> list[TaskEvent]:
    """Load the newest events up to a version, in version order: at most `most`, with at most `octets` bytes
    of what was written in them, but one in any case; none with an action of `without`. They begin with the beginning
    of a save, where that fits."""
    place: dict[str, Any] = {"organization_id": organization_id, "stream_id": stream_id, "upto": upto}
    sizes, readable = _newest(tuple(without))
    count = fitting((size for (size,) in sizes.rows(most=most, **place)), octets)
    return from_a_beginning(readable.models(most=count, **place)[::-1])


def load_describing(organization_id: int, stream_id: uuid.UUID) -> list[TaskEvent]:
    """Load the newest event whose text is part of the folded state, without the text; none if none has."""
    return _describing().models(most=1, organization_id=organization_id, stream_id=stream_id)


def newest_version(organization_id: int, stream_id: uuid.UUID) -> int:
    """Find the stream's newest version; 0 when there is no such stream in that organization."""
    found = _NEWEST_VERSION.rows(most=1, organization_id=organization_id, stream_id=stream_id)
    return next((version for (version,) in found), 0)


def version_of(organization_id: int, stream_id: uuid.UUID, event_id: int) -> int | None:
    """Find the version of an event; None when it is none of that stream's."""
    events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id, pk=event_id)
    return events.values_list("version", flat=True).first()


def end_of_save(organization_id: int, stream_id: uuid.UUID, version: int) -> int | None:
    """Find the version of the event that the one at `version` is told with; None beyond the stream's end."""
    events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id)
    ends = events.filter(version__gte=version).exclude(parts=0).order_by("version")
    return ends.values_list("version", flat=True).first()


def load_past(organization_id: int, stream_id: uuid.UUID, upto: int = NEWEST) -> list[PastEvent]:
    """Load what a fold reads of the events up to a version, as plain rows, so that a stream's 500th event
    costs little more than its first. Of their free texts only those that the folded state holds in the end;
    all others are None."""
    past = read_past(_PAST.rows(organization_id=organization_id, stream_id=stream_id, upto=upto))
    _put_texts(past, stream_id)
    return past


def asked_of_comment(organization_id: int, stream_id: uuid.UUID, version: int) -> list[Statement]:
    """Ask for the event of this version, and for those that name it as their comment: for `read_past`."""
    stream = {"organization_id": organization_id, "stream_id": stream_id}
    return [_ONE.of(**stream, version=version), _SAID_OF.of(**stream, of=str(version))]


def asked_since(organization_id: int, stream_id: uuid.UUID, after: int, action: str) -> Statement:
    """Ask for the version of the newest event of this action beyond a version."""
    return _NEWEST.of(organization_id=organization_id, stream_id=stream_id, after=after, action=action)


def asked_text(organization_id: int, stream_id: uuid.UUID, version: int) -> Statement:
    """Ask for the free text beside one event: no row where there is none, or none any more."""
    return _BODY.of(organization_id=organization_id, stream_id=stream_id, version=version)


def load_text(organization_id: int, stream_id: uuid.UUID, version: int) -> str | None:
    """Load the free text beside one event; None where there is none, or none any more."""
    run(asked := asked_text(organization_id, stream_id, version))
    return next((body for (body,) in asked.rows), None)


def load_of_comment(organization_id: int, stream_id: uuid.UUID, version: int) -> list[PastEvent]:
    """Load what `asked_of_comment` asks for."""
    run(*(asked := asked_of_comment(organization_id, stream_id, version)))
    return read_past(row for statement in asked for row in statement.rows)


def read_past(rows: Iterable[Row]) -> list[PastEvent]:
    """Read rows into what a fold reads, in version order, without free texts."""
    past = [
        PastEvent(read_json(*fact), version, organization_id, number, actor_id, _utc(created_at))
        for version, organization_id, number, actor_id, created_at, *fact in rows
    ]
    return sorted(past, key=_VERSION)


_VERSION = attrgetter("version")


def _put_texts(past: Sequence[PastEvent], stream_id: uuid.UUID) -> None:
    """Put the texts that a fold holds in the end into their facts. One query for each field with such a text:
    of a task, the description."""
    found = set()
    for event in reversed(past):
        field = event.fact.text_field
        if field is None or not event.fact.folds_text or field in found:
            continue
        found.add(field)
        if getattr(event.fact, field) is None:
            place = {
                "organization_id": event.organization_id,
                "stream_id": stream_id,
                "version": event.version,
            }
            for (body,) in _BODY.rows(**place):
                event.fact = msgspec.structs.replace(event.fact, **{field: body})


def _utc(text: str) -> dt.datetime:
    """Read a time as either database writes it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
