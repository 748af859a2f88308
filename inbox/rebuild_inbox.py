"""Who should have been told of each event, derived anew from the log. `inbox/rebuild.py` says what that can mean."""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from tqdm import tqdm

from events.findings import Bars
from events.models import TaskEvent
from events.scan import STREAMS, Part, Scanned, count, parts, scan
from events.subjects import Subject, subject_of_first
from inbox.choices import mutes_in
from inbox.models import Choice, Watch
from inbox.rebuild import Drift, Inboxes
from inbox.recipients import muted_by

CHUNK = 5_000  # events read at once


def rebuild_inbox(organization_id: int | None, bars: Bars, *, dry_run: bool = False) -> Drift:
    """Compare the inboxes of one organization, or of all (None), with what every subject says of its events, and add
    what is missing; nothing in a `dry_run`."""
    inboxes = Inboxes(organization_id, timezone.now(), dry_run=dry_run)
    events, streams = count(organization_id)
    with bars(desc="Derived", unit=" events", total=events) as bar:
        for part in parts(streams, STREAMS):
            muted = Muted(organization_id, part)
            _take(inboxes, _watchers(part), muted, _scan(organization_id, part, bar))
    return inboxes.finish()


class Muted:
    """Who had muted a stream when an event came, by what was recorded: unlike levels and watches, mutes have been
    recorded ever since there are any."""

    def __init__(self, organization_id: int | None, part: Part) -> None:
        self._changes: dict[uuid.UUID, list[Choice]] = {}
        for choice in mutes_in(organization_id, part.first, part.last):
            self._changes.setdefault(choice.stream_id or uuid.UUID(int=0), []).append(choice)
        self._last = self._ids()

    def at(self, event: Scanned) -> list[int]:
        """List their user ids."""
        if not self._changes:
            return []
        muted: dict[int, bool] = {}
        for choice in self._changes.get(uuid.UUID(event.stream_id), ()):
            if self._last.get((choice.organization_id, choice.position), 0) < event.id:
                muted[choice.user_id] = bool(choice.after)
        return [user_id for user_id, is_muted in muted.items() if is_muted]

    def _ids(self) -> dict[tuple[int, int], int]:
        """Find the ids of the events that the choices came after: within an organization they rise with positions."""
        positions: dict[int, set[int]] = {}
        for choice in itertools.chain.from_iterable(self._changes.values()):
            positions.setdefault(choice.organization_id, set()).add(choice.position)
        ids: dict[tuple[int, int], int] = {}
        for org_id, some in positions.items():
            found = TaskEvent.objects.filter(organization_id=org_id, position__in=some)
            ids |= {(org_id, position): pk for position, pk in found.values_list("position", "pk")}
        return ids


def _take(inboxes: Inboxes, watchers: dict[str, list[int]], muted: Muted, events: Iterator[Scanned]) -> None:
    """Fold each stream by the subject that it begins with, and take its events. What nobody can fold is left out: the
    audit names it."""
    states: dict[str, tuple[Subject, Any]] = {}
    for event in events:
        if event.stream_id in states:
            subject, before = states[event.stream_id]
        elif (beginning := subject_of_first(event.fact)) is None:
            continue
        else:
            subject, before = beginning, beginning.begins(event.organization_id)
        try:
            after = subject.evolve(before, event)
        except ValueError:
            continue
        states[event.stream_id] = subject, after
        if not event.fact.quiet:
            watching = watchers.get(event.stream_id, ())
            concerned = subject.participants(event.fact, before, after, watching)
            inboxes.take(event, muted_by(concerned, muted.at(event)))


def _scan(organization_id: int | None, part: Part, bar: "tqdm[None]") -> Iterator[Scanned]:
    """Read a chunk at a time: between two of them the connection compares."""
    after = 0
    while chunk := list(scan(organization_id, part, bar, after=after, limit=CHUNK)):
        yield from chunk
        after = chunk[-1].id


def _watchers(part: Part) -> dict[str, list[int]]:
    """Find who watches: stream id, as the database writes it, -> user ids."""
    watches = Watch.objects.filter(stream_id__gte=part.first, stream_id__lte=part.last)
    watchers: dict[str, list[int]] = {}
    for stream_id, user_id in watches.values_list(Cast("stream_id", TextField()), "user_id"):
        watchers.setdefault(stream_id, []).append(user_id)
    return watchers
