"""Who still needs the log's beginning, and who forgets what leaves it: a layer above registers both in
`AppConfig.ready`."""

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple


class Taken(NamedTuple):
    """Up to where a follower has taken a log."""

    name: str
    position: int


# Of these streams of an organization, those that somebody still needs.
Hold = Callable[[int, Collection[uuid.UUID]], set[uuid.UUID]]
# How far each follower has taken an organization's log.
Cursors = Callable[[int], Iterator[Taken]]
# Drop what was made from these events of an organization, by their ids.
Forget = Callable[[int, Sequence[int]], None]

HOLDS: list[Hold] = []
CURSORS: list[Cursors] = []
FORGETS: list[Forget] = []


def needed(organization_id: int, streams: Collection[uuid.UUID]) -> set[uuid.UUID]:
    return {stream for hold in HOLDS for stream in hold(organization_id, streams)}


def furthest_behind(organization_id: int) -> Taken | None:
    """Find the follower that has taken least; None without any."""
    taken = (each for cursors in CURSORS for each in cursors(organization_id))
    return min(taken, key=lambda each: each.position, default=None)
