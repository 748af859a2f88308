"""Is the history what was written? The checks of the log itself, and `verify`, which does them for a limited time: for
a button, where `manage.py audit_history` checks everything."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, F, OuterRef, Subquery, TextField, Window
from django.db.models.functions import Cast, Coalesce, RowNumber

from events import append_only
from events.archive.cutting import kept_by, kept_digest, kept_without
from events.archive.receipts import Receipt, archived_upto, receipts_of
from events.chain import COLUMNS, EventRow, Walk, missing_positions, rows_after
from events.digests import GENESIS
from events.findings import Bars, Finding, Scope, register
from events.models import ArchiveJoint, EventText, TaskEvent
from events.origins import Origins, origins_of
from events.subjects import subject_of_action
from orgs.models import Organization

# A button's page does not show more.
MOST = 20


@dataclass(frozen=True, slots=True)
class Verification:
    """`position` and `digest`: how far it came; the next call goes on from there. `complete`: up to the log's head."""

    position: int
    digest: str
    findings: list[Finding]
    complete: bool


def verify(
    org_id: int, after_position: int = 0, after_digest: str = GENESIS, *, seconds: float = 5.0
) -> Verification:
    """Check the events after `after_position`, and that the event there still has `after_digest`. Ends after
    `seconds`, a little later at most, and early when it has found MOST findings."""
    deadline = time.monotonic() + seconds
    (end,) = ends_of_logs(Scope(org_id))
    walk = Walk(org_id, after_position, digest_at(org_id, after_position) or after_digest)
    findings = [*triggers(), *passes_through(org_id, after_position, after_digest)]
    archived = archived_upto(org_id)
    while rows := rows_after(org_id, walk.position, end.last):
        findings += walk.along(rows, archived)
        if len(findings) >= MOST or time.monotonic() > deadline:
            break
    complete = walk.position >= end.last
    if complete:
        findings += at_the_end(end, walk)
    return Verification(walk.position, walk.digest, findings[:MOST], complete)


def passes_through(org_id: int, position: int, digest: str) -> Iterator[Finding]:
    """Check that the log still goes through a place where it was before. Of an event that left for the archive only
    its file can say that (`events/archive/auditing.py`)."""
    found = digest_at(org_id, position)
    if found is None and position <= archived_upto(org_id):
        return
    if found is None:
        yield Finding(
            org_id, position, "history_cut", f"the log once had position {position}, and has it no more"
        )
    elif found != digest:
        yield Finding(
            org_id,
            position,
            "history_replaced",
            f"position {position} once had the digest {digest[:12]}… and has {found[:12]}… now: "
            "it, or what came before it, was written anew",
        )


def digest_at(org_id: int, position: int) -> str | None:
    if position == 0:
        return GENESIS
    events = TaskEvent.objects.filter(organization_id=org_id, position=position)
    joints = ArchiveJoint.objects.filter(organization_id=org_id, position=position)
    return events.values_list("digest", flat=True).first() or joints.values_list("digest", flat=True).first()


class End(NamedTuple):
    """Where a log ends by its head, and by its last event; both as one statement saw them."""

    org_id: int
    head: int | None
    digest: str | None
    last: int


def ends_of_logs(scope: Scope) -> list[End]:
    last = TaskEvent.objects.filter(organization=OuterRef("pk"), position__lte=2**63 - 1).order_by(
        "-position"
    )
    organizations = Organization.objects.order_by("pk").annotate(last=Subquery(last.values("position")[:1]))
    if scope.org_id is not None:
        organizations = organizations.filter(pk=scope.org_id)
    rows = organizations.values_list("pk", "log_head__position", "log_head__digest", "last")
    return [End(org_id, head, digest, last or 0) for org_id, head, digest, last in rows]


def at_the_end(end: End, walk: Walk) -> Iterator[Finding]:
    head = end.head or 0
    if head > end.last:
        yield missing_positions(end.org_id, end.last + 1, head, ": the log's head is there already")
    elif head < end.last:
        message = f"the log's head stands at {head}, but events go on to {end.last}"
        yield Finding(end.org_id, head + 1, "beyond_head", message)
    elif walk.position == head and end.digest not in (None, walk.digest):
        message = "the log's head has another digest than the last event"
        yield Finding(end.org_id, head, "head_differs", message)


@register
def check_triggers(scope: Scope, bars: Bars) -> Iterator[Finding]:
    return triggers()


def triggers() -> Iterator[Finding]:
    for name in append_only.missing_triggers(connection):
        yield Finding(
            None,
            None,
            "trigger_missing",
            f"the database does not refuse to rewrite history: its trigger {name} is missing, changed or turned off. "
            "`python manage.py migrate` puts it back",
        )


@register
def check_chain(scope: Scope, bars: Bars) -> Iterator[Finding]:
    if scope.stream_id:
        yield from _stream(scope)
        return
    logs = ends_of_logs(scope)
    with bars(desc="Log", unit=" events", total=sum(end.last for end in logs)) as bar:
        for end in logs:
            walk, receipts = Walk(end.org_id), receipts_of(end.org_id)
            while rows := rows_after(end.org_id, walk.position, end.last):
                yield from walk.along(rows, archived_upto(end.org_id))
                bar.update(len(rows))
            yield from at_the_end(end, walk)
            yield from _what_left(walk, receipts)


def _what_left(walk: Walk, before: list[Receipt]) -> Iterator[Finding]:
    """Check that no more has left than receipts say. One may have come while the log was walked along."""
    least, most = (sum(each.fact.removed for each in some) for some in (before, receipts_of(walk.org_id)))
    if not least <= walk.left <= most:
        message = f"{walk.left:,} events have left for the archive, and its receipts name {most:,}"
        yield Finding(walk.org_id, None, "archive_differs", message)


def _stream(scope: Scope) -> Iterator[Finding]:
    """Walk the events of one stream, each against the digest before it."""
    before = TaskEvent.objects.filter(
        organization=OuterRef("organization"), position=OuterRef("position") - 1
    )
    joint = ArchiveJoint.objects.filter(
        organization=OuterRef("organization"), position=OuterRef("position") - 1
    )
    digest_before = Coalesce(Subquery(before.values("digest")), Subquery(joint.values("digest")))
    events = scope.events().order_by("version").annotate(before=digest_before)
    origins: dict[int, Origins] = {}
    for *values, digest in events.values_list(*COLUMNS, "before"):
        row = EventRow(*values)
        org_id = row.organization_id
        if org_id not in origins:
            origins[org_id] = origins_of(org_id)
        yield from Walk(org_id, row.position - 1, digest or GENESIS, origins[org_id]).step(row)


@register
def check_receipts(scope: Scope, bars: Bars) -> Iterator[Finding]:
    """Check that what stands for events in the archive is what its receipt says."""
    if scope.stream_id:
        return
    for end in ends_of_logs(scope):
        receipts = receipts_of(end.org_id)
        for receipt in receipts:
            if kept_digest(*kept_by(end.org_id, receipt.position)) != receipt.fact.kept:
                message = "what stands for the events that left for the archive is not what the receipt says"
                yield Finding(end.org_id, receipt.position, "archive_differs", message)
            yield from _goes_through(receipt)
        for position in kept_without(end.org_id, {receipt.position for receipt in receipts}):
            message = "events have left for the archive without a receipt"
            yield Finding(end.org_id, position, "archive_differs", message)


def _goes_through(receipt: Receipt) -> Iterator[Finding]:
    """Check that the log has the digests between which the receipt puts its file, where it still has any there."""
    fact = receipt.fact
    for position, digest in ((fact.first - 1, fact.before), (fact.upto, fact.after)):
        if digest_at(receipt.organization_id, position) not in (None, digest):
            message = f"the file of the receipt does not go through position {position} of the log"
            yield Finding(receipt.organization_id, receipt.position, "archive_differs", message)


@register
def check_versions(scope: Scope, bars: Bars) -> Iterator[Finding]:
    """Check that they are 1, 2, 3... within each stream, in the order of positions."""
    place = Window(RowNumber(), partition_by=[F("organization_id"), F("stream_id")], order_by="position")
    wrong = scope.events().annotate(place=place).exclude(version=F("place")).order_by("stream_id", "position")
    stream = Cast("stream_id", TextField())  # SQLite may hold what is no id
    found = wrong.values_list(
        stream, "organization_id", "position", "task_number", "version", "place", "action"
    )
    with bars(desc="Versions", unit=" streams", total=None) as bar:
        for _, rows in groupby(found.iterator(), key=lambda row: row[:2]):
            _, org_id, position, number, version, expected, action = next(
                rows
            )  # the later ones follow from it
            bar.update()
            name = subject_of_action(action).name
            message = f"{name} {number}: version {version} stands where version {expected} should be"
            yield Finding(org_id, position, "version_order", message)


@register
def check_ids(scope: Scope, bars: Bars) -> Iterator[Finding]:
    """Check that an event's id, and a stream's, is one organization's: keys hold it only within each."""
    elsewhere = TaskEvent.objects.exclude(organization=OuterRef("organization"))
    ids = elsewhere.filter(pk=OuterRef("pk"))
    streams = elsewhere.filter(stream_id=OuterRef("stream_id"), version=1)
    for code, events, what in (
        ("id_twice", scope.events().filter(Exists(ids)), "the event's id"),
        ("stream_twice", scope.events().filter(Exists(streams), version=1), "its stream's id"),
    ):
        for org_id, position, number in events.values_list("organization_id", "position", "task_number"):
            message = f"task {number}: {what} stands in another organization's log too"
            yield Finding(org_id, position, code, message)


@register
def check_texts(scope: Scope, bars: Bars) -> Iterator[Finding]:
    """Check that each text has its event. One without belongs to no organization."""
    if scope != Scope():
        return
    lost = EventText.objects.exclude(
        Exists(TaskEvent.objects.filter(pk=OuterRef("pk"), organization_id=OuterRef("organization_id")))
    )
    for event_id in lost.values_list("pk", flat=True).iterator():
        message = f"there is a text of the event with the id {event_id}, but no such event"
        yield Finding(None, None, "text_without_event", message)
