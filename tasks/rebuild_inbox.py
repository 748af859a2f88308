"""Who should have been told of each event, derived anew from the log. `inbox/rebuild.py` says what that can mean."""

from collections.abc import Iterator

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from tqdm import tqdm

from events.findings import Bars
from events.scan import Part, Scanned, count, parts, scan
from inbox.models import Watch
from inbox.rebuild import Drift, Inboxes
from tasks.participants import participants
from tasks.rebuild import STREAMS
from tasks.state import TaskState, evolve

CHUNK = 5_000  # events read at once


def rebuild_inbox(organization_id: int | None, bars: Bars, *, dry_run: bool = False) -> Drift:
    """Of one organization, or of all."""
    inboxes = Inboxes(organization_id, timezone.now(), dry_run=dry_run)
    events, streams = count(organization_id)
    with bars(desc="Derived", unit=" events", total=events) as bar:
        for part in parts(streams, STREAMS):
            watchers = _watchers(part)
            states: dict[str, TaskState] = {}
            for event in _scan(organization_id, part, bar):
                before = states.get(event.stream_id)
                try:
                    after = states[event.stream_id] = evolve(before, event)
                except ValueError:
                    continue  # the audit names it
                if event.fact.quiet:
                    continue
                watching = watchers.get(event.stream_id, ())
                inboxes.take(event, participants(event.fact, before, after, watching))
    return inboxes.finish()


def _scan(organization_id: int | None, part: Part, bar: "tqdm[None]") -> Iterator[Scanned]:
    """A chunk at a time: between two of them the connection compares."""
    after = 0
    while chunk := list(scan(organization_id, part, bar, after=after, limit=CHUNK)):
        yield from chunk
        after = chunk[-1].id


def _watchers(part: Part) -> dict[str, list[int]]:
    """By stream id as the database writes it."""
    watches = Watch.objects.filter(stream_id__gte=part.first, stream_id__lte=part.last)
    watchers: dict[str, list[int]] = {}
    for stream_id, user_id in watches.values_list(Cast("stream_id", TextField()), "user_id"):
        watchers.setdefault(stream_id, []).append(user_id)
    return watchers
