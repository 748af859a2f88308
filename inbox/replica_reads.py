"""Replays that a replica may answer (`base/replicas.py`): for whom it has all that the primary has just said of them.

Sessions, memberships, heads and counts come from the primary. A replica takes over commits in their order: one that has
these heads, and the inbox as of this revision, has whatever was committed before them.
"""

from collections.abc import Sequence

from base import replicas
from base.replicas import NotThere
from inbox import replay, replay_pieces, replay_queries
from inbox.models import Inbox
from inbox.replay import Replay
from inbox.replay_pieces import Texts
from inbox.replay_plan import Ask, is_held
from inbox.replay_queries import Item


def replays(asks: Sequence[Ask]) -> list[Replay]:
    """Do as `inbox.replay` does, with the primary for those alone whom the replica cannot answer."""
    if not asks or not replicas.are_used():
        return replay.replays(asks)
    found = replicas.answered(lambda: _held(asks)) or {}
    left = iter(replay.replays([ask for place, ask in enumerate(asks) if place not in found]))
    return [found.get(place) or next(left) for place in range(len(asks))]


def read_on(waiting: Sequence[Sequence[Item]]) -> list[Texts]:
    """Do as `inbox.replay_pieces` does. What was written never changes but for what is erased, which is in the log."""
    if not replicas.are_used():
        return replay_pieces.read_on(waiting)
    return replicas.answered(lambda: _whole(waiting)) or replay_pieces.read_on(waiting)


def are_held(asks: Sequence[Ask]) -> dict[int, Ask]:
    """Keep those whose readers find there all that they can have seen, by their place in `asks`."""
    points = replay_queries.read_points(asks)
    inboxes = Inbox.objects.filter(pk__in={ask.user_id for ask in asks})
    revisions = dict(inboxes.values_list("pk", "revision"))
    return {place: ask for place, ask in enumerate(asks) if is_held(ask, points, revisions)}


def _held(asks: Sequence[Ask]) -> dict[int, Replay]:
    """Answer those that can be, by their place in `asks`. Raises NotThere where that is none."""
    held = are_held(asks)
    if not held:
        raise NotThere
    return dict(zip(held, replay.replays(list(held.values())), strict=True))


def _whole(waiting: Sequence[Sequence[Item]]) -> list[Texts]:
    pieces = replay_pieces.read_on(waiting)
    if any(piece is None for piece in pieces):
        raise NotThere
    return pieces
