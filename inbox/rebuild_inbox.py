"""Who should have been told of each event, derived anew from the log. `inbox/rebuild.py` says what that can mean."""

from collections.abc import Iterator
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from tqdm import tqdm

from events.findings import Bars
from events.scan import STREAMS, Part, Scanned, count, parts, scan
from events.subjects import Subject, subject_of_first
from inbox.models import Watch
from inbox.news import NOTHING, News
from inbox.rebuild import Drift, Inboxes
from inbox.recorded_mutes import RecordedMutes

CHUNK = 5_000  # events read at once


def rebuild_inbox(organization_id: int | None, bars: Bars, *, dry_run: bool = False) -> Drift:
    """Compare the inboxes of one organization, or of all (None), with what every subject says of its events, and add
    what is missing; nothing in a `dry_run`."""
    inboxes = Inboxes(organization_id, timezone.now(), dry_run=dry_run)
    events, streams = count(organization_id)
    with bars(desc="Derived", unit=" events", total=events) as bar:
        for part in parts(streams, STREAMS):
            mutes = RecordedMutes(organization_id, part)
            _take(inboxes, _watchers(part), mutes, _scan(organization_id, part, bar))
    return inboxes.finish()


def _take(
    inboxes: Inboxes, watchers: dict[str, list[int]], mutes: RecordedMutes, events: Iterator[Scanned]
) -> None:
    """Fold each stream by the subject that it begins with, and take its saves. What nobody can fold is left out: the
    audit names it."""
    states: dict[str, tuple[Subject, Any]] = {}
    begun: dict[str, News] = {}  # of the saves whose last event is still to come
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
        watching = watchers.get(event.stream_id, ())
        participants = subject.participants(event.fact, before, after, watching)
        news = begun.pop(event.stream_id, NOTHING).with_part(event.fact, participants, watching)
        if event.parts == 0:
            begun[event.stream_id] = news
        elif not news.concerns_nobody:
            inboxes.take(event, news.muted_by(mutes.at(event)))


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
