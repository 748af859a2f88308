"""Who is told of an event, and why. Pure: rows and frames both come from `reason_for`, so they cannot disagree.

`delivery` (inbox/deliver.py) says the same in SQL; a test compares the two for every level and reason.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache

from events.subjects import Participants
from inbox import reasons
from orgs import levels
from preferences.kinds import Kind, kind_of

__all__ = ["Participants", "hears", "muted_by", "reason_for"]

MUTED = ""  # in the place of a reason: muted the stream, and this does not single them out


def muted_by(participants: Participants, muters: Iterable[int]) -> Participants:
    """Let those who muted the stream be told of nothing but what singles them out."""
    unmoved = [user_id for user_id in muters if participants.get(user_id) not in reasons.direct()]
    return {**participants, **dict.fromkeys(unmoved, MUTED)}


def reason_for(
    user_id: int,
    level: str,
    *,
    actor_id: int,
    participants: Participants,
    to_all: bool = True,
    watching: Collection[int] = (),
) -> str | None:
    """Give the reason why this member is told of the event, or None. `to_all`: as its fact says. `watching`: who of
    those with a stronger reason watches the stream too."""
    if user_id == actor_id:
        return None
    reason = participants.get(user_id)
    if reason == MUTED:
        return None
    if level == levels.ALL:
        return reason or (reasons.ORG if to_all else None)
    return reason if reason and hears(level, reason, watches=user_id in watching) else None


def hears(level: str, reason: str, *, watches: bool) -> bool:
    """Say whether this level, which is not everything, lets its member hear of what they have a reason to be told."""
    return _hears(level, reason) or (watches and level == levels.WATCHED)


_OF_LEVEL = {levels.MINE: Kind.MINE, levels.WATCHED: Kind.WATCHED}


@lru_cache(maxsize=256)  # asked for each who takes part in whatever happens
def _hears(level: str, reason: str) -> bool:
    if level == levels.PARTICIPATING or reason in reasons.direct():
        return True
    return kind_of(reason) == _OF_LEVEL.get(level)
