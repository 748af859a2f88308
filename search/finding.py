"""What a search finds, newest first, in pages that begin before an event: for programs."""

from collections.abc import Collection
from typing import NamedTuple

from events.models import TaskEvent
from search.matching import matching

EXCERPT = 400  # characters of what was written


class Found(NamedTuple):
    """`not_searched`: how many events the search has not seen yet."""

    events: list[TaskEvent]
    more: bool
    not_searched: int


def found(organization_ids: Collection[int], text: str, before: int | None, limit: int) -> Found:
    """Find events in which the text stands, in these organizations alone. Raises Invalid for a text that is too
    long."""
    matches = matching(organization_ids, text)
    events = TaskEvent.objects.filter(matches.in_events(), organization_id__in=organization_ids)
    if before is not None:
        events = events.filter(pk__lt=before)
    some = list(events.excerpted(EXCERPT).order_by("-pk")[: limit + 1])
    return Found(some[:limit], len(some) > limit, matches.not_searched)
