"""Reads the whole log fast, for whoever derives everything anew: raw rows, no model instances, one query.

In the order of ids: within an organization that is the order of positions, and in the table it is the order of pages.
In the order of streams each event would lie on another page.
"""

import math
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, NamedTuple

import msgspec
from django.db.models import Case, OuterRef, QuerySet, Subquery, Sum, TextField, When
from django.db.models.functions import Cast
from tqdm import tqdm

from base.bulk import CHUNK, stream
from events.facts import Fact, folding_actions
from events.models import EventText, LogHead, TaskEvent
from events.raw_facts import read_json
from events.subjects import Subject, subject_of_first

# Streams folded at once: about 25 MB of tasks, and a fifth faster than all 100,000, which miss the cache.
STREAMS = 25_000
_UUIDS = 2**128


class Scanned(msgspec.Struct, gc=False):
    """What a fold and a delivery need of an event. `stream_id` and `created_at` are the database's own text."""

    fact: Fact
    id: int
    stream_id: str
    version: int
    organization_id: int
    task_number: int
    actor_id: int
    created_at: str
    parts: int


class Part(NamedTuple):
    """Some streams of the log, by their ids."""

    first: uuid.UUID
    last: uuid.UUID


def count(organization_id: int | None) -> tuple[int, int]:
    """Count the events, by the logs' heads, and the streams, without reading the log."""
    heads = LogHead.objects.all() if organization_id is None else LogHead.objects.filter(pk=organization_id)
    streams = _events(organization_id).filter(version=1).count()
    return heads.aggregate(Sum("position", default=0))["position__sum"], streams


def parts(streams: int, at_once: int) -> list[Part]:
    """Divide the log into parts with about `at_once` streams in each, because stream ids are random."""
    number = max(1, math.ceil(streams / at_once))
    ends = [_UUIDS * step // number for step in range(number + 1)]
    return [Part(uuid.UUID(int=first), uuid.UUID(int=end - 1)) for first, end in pairwise(ends)]


def scan(
    organization_id: int | None,
    part: Part,
    bar: "tqdm[None]",
    *,
    after: int = 0,
    upto: int | None = None,
    limit: int | None = None,
) -> Iterator[Scanned]:
    """Read each stream's events in order, the streams mixed: the next `limit` with an id above `after`, or
    all; of one organization only `upto` a position of its log. Until the last is taken, the connection serves
    nothing else. Of the texts only those that a fold reads."""
    events = _query(organization_id, part).filter(pk__gt=after)
    rows = stream((events if upto is None else events.filter(position__lte=upto))[:limit])
    while some := list(islice(rows, CHUNK)):
        # Names, because slices of each row would take longer.
        for (
            action,
            schema,
            details,
            text,
            pk,
            stream_id,
            version,
            organization,
            number,
            actor,
            at,
            parts,
        ) in some:
            fact = read_json(action, schema, details, text)
            yield Scanned(fact, pk, stream_id, version, organization, number, actor, at, parts)
        bar.update(len(some))


def of_subject(subject: Subject, events: Iterable[Scanned]) -> Iterator[Scanned]:
    """Leave out the streams that begin with another subject's fact."""
    others: set[str] = set()
    for event in events:
        if event.version == 1 and subject_of_first(event.fact) not in (None, subject):
            others.add(event.stream_id)
        if event.stream_id not in others:
            yield event


def _events(organization_id: int | None) -> QuerySet[TaskEvent]:
    events = TaskEvent.objects.order_by("pk")
    return events if organization_id is None else events.filter(organization_id=organization_id)


# Where an event stands and whose it is: the columns that close a `Scanned`, in its order.
PLACE = ("version", "organization_id", "task_number", "actor_id", Cast("created_at", TextField()), "parts")


def _query(organization_id: int | None, part: Part) -> QuerySet[TaskEvent, Any]:
    its = EventText.objects.filter(organization_id=OuterRef("organization_id"), event_id=OuterRef("pk"))
    body = Subquery(its.values("body")[:1])
    return (
        _events(organization_id)
        .filter(stream_id__gte=part.first, stream_id__lte=part.last)
        .values_list(
            "action",
            "schema_version",
            Cast("details", TextField()),
            Case(When(action__in=folding_actions(), then=body)),
            "pk",
            Cast("stream_id", TextField()),
            *PLACE,
        )
    )
