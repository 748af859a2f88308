"""What leaves the log once a file holds it: streams that are over, whole. In their place stay a row for each, and the
digests that the events after them are chained to; the database lets nothing else go (`events/append_only.py`)."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import OuterRef, Subquery

from base.statements import places
from events.archive.holds import FORGETS, needed
from events.facts import folding_actions
from events.models import ArchivedStream, ArchiveJoint, TaskEvent
from events.subjects import SUBJECTS

Each = TypeVar("Each")

AT_ONCE = 500  # streams or events in one statement


def batched(values: Iterable[Each]) -> Iterator[list[Each]]:
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some


class Over(NamedTuple):
    """A stream that may leave: its last version, the digest of what was derived from it, and who wrote the free text
    that is part of that, 0 for nobody."""

    stream_id: uuid.UUID
    version: int
    state: str
    author_id: int


class Gone(NamedTuple):
    event_id: int
    position: int
    digest: str


class Cut(NamedTuple):
    """What leaves a log at once."""

    organization_id: int
    streams: list[Over]
    events: list[Gone]

    @property
    def joints(self) -> list[Gone]:
        """The last of each run of positions."""
        positions = {event.position for event in self.events}
        return [event for event in self.events if event.position + 1 not in positions]

    @property
    def digest(self) -> str:
        """What the receipt says of the rows that stay."""
        return kept_digest(
            ((str(over.stream_id), *over[1:]) for over in self.streams),
            ((joint.position, joint.digest) for joint in self.joints),
        )


def kept_digest(streams: Iterable[tuple[Any, ...]], joints: Iterable[tuple[int, str]]) -> str:
    """Compute the hexadecimal SHA-256 of a line for each of these rows, in their order."""
    lines = [*sorted(streams), *sorted(joints)]
    return hashlib.sha256("".join(" ".join(map(str, line)) + "\n" for line in lines).encode()).hexdigest()


def kept_by(
    organization_id: int, receipt: int
) -> tuple[Iterable[tuple[Any, ...]], Iterable[tuple[int, str]]]:
    """Read the rows that stay by the receipt at this position, for `kept_digest`."""
    place = {"organization_id": organization_id, "receipt": receipt}
    streams = ArchivedStream.objects.filter(**place).values_list("stream_id", "version", "state", "author_id")
    joints = ArchiveJoint.objects.filter(**place).values_list("position", "digest")
    return ((str(stream_id), *rest) for stream_id, *rest in streams.iterator()), joints.iterator()


def kept_without(organization_id: int, receipts: set[int]) -> set[int]:
    """Find where rows name a receipt that is none of these."""
    named = (
        model.objects.filter(organization_id=organization_id).values_list("receipt", flat=True).distinct()
        for model in (ArchivedStream, ArchiveJoint)
    )
    return {position for some in named for position in some} - receipts


def over_by(organization_id: int, position: int) -> list[Over]:
    """Find the streams without an event beyond the position that are over by what their subject says, and that nobody
    needs."""
    versions = dict(_ended_by(organization_id, position))
    states: dict[uuid.UUID, str] = {}
    for some in batched(versions):
        for subject in SUBJECTS.values():
            if subject.archivable:
                states |= subject.archivable(organization_id, some)
    free = states.keys() - needed(organization_id, states.keys())
    authors = _authors(organization_id, free)
    return [
        Over(stream, versions[stream], states[stream], authors.get(stream, 0))
        for stream in versions
        if stream in free
    ]


def _authors(organization_id: int, streams: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    found: dict[uuid.UUID, int] = {}
    for some in batched(streams):
        events = TaskEvent.objects.filter(
            organization_id=organization_id, stream_id__in=some, action__in=folding_actions()
        )
        found |= dict(events.order_by("version").values_list("stream_id", "actor_id"))
    return found


def still_over(organization_id: int, position: int, streams: Sequence[Over]) -> list[Over]:
    """Leave out those that have gone on since, or that somebody needs now; under the lock of the log's head. What is
    derived from the others is as it was."""
    held = needed(organization_id, {over.stream_id for over in streams})
    return [
        over
        for some in batched(streams)
        for ended in [dict(_ended_by(organization_id, position, [each.stream_id for each in some]))]
        for over in some
        if ended.get(over.stream_id) == over.version and over.stream_id not in held
    ]


def _ended_by(
    organization_id: int, position: int, ids: Sequence[uuid.UUID] | None = None
) -> list[tuple[uuid.UUID, int]]:
    newest = TaskEvent.objects.filter(
        organization_id=organization_id, stream_id=OuterRef("stream_id")
    ).order_by("-version")
    begun = TaskEvent.objects.filter(organization_id=organization_id, version=1, position__lte=position)
    if ids is not None:
        begun = begun.filter(stream_id__in=ids)
    ended = begun.annotate(
        last=Subquery(newest.values("position")[:1]), newest=Subquery(newest.values("version")[:1])
    )
    return list(ended.filter(last__lte=position).order_by("position").values_list("stream_id", "newest"))


def cut_of(organization_id: int, streams: list[Over]) -> Cut:
    """Find what leaves with these streams."""
    found: list[Gone] = []
    for some in batched(streams):
        events = TaskEvent.objects.filter(
            organization_id=organization_id, stream_id__in=[each.stream_id for each in some]
        )
        found += [Gone(*row) for row in events.order_by().values_list("pk", "position", "digest")]
    return Cut(organization_id, streams, sorted(found, key=lambda event: event.position))


def remove(cut: Cut, receipt: int) -> None:
    """Take it from the log, between the append of the receipt at this position and the step of the log's head: the
    database allows it then alone."""
    _keep(cut, receipt)
    for some in batched(event.event_id for event in cut.events):
        for forget in FORGETS:
            forget(cut.organization_id, some)
        with connection.cursor() as cursor:
            for statement in (_TEXTS, _EVENTS):
                cursor.execute(statement.format(ids=places(some)), [cut.organization_id, *some])


_TEXTS = "DELETE FROM events_eventtext WHERE organization_id = %s AND event_id IN ({ids})"
_EVENTS = "DELETE FROM events_taskevent WHERE organization_id = %s AND id IN ({ids})"


def _keep(cut: Cut, receipt: int) -> None:
    ArchivedStream.objects.bulk_create(
        (
            ArchivedStream(
                organization_id=cut.organization_id,
                stream_id=over.stream_id,
                version=over.version,
                state=over.state,
                author_id=over.author_id,
                receipt=receipt,
            )
            for over in cut.streams
        ),
        batch_size=AT_ONCE,
    )
    ArchiveJoint.objects.bulk_create(
        (
            ArchiveJoint(
                organization_id=cut.organization_id,
                position=joint.position,
                digest=joint.digest,
                receipt=receipt,
            )
            for joint in cut.joints
        ),
        batch_size=AT_ONCE,
    )
