"""Who is told of an event, and why. Pure: rows and frames both come from `reason_for`, so they cannot disagree.

`deliver` (inbox/deliver.py) says the same in SQL; a test compares the two for every level and reason.
"""

from collections.abc import Mapping

from inbox import reasons
from orgs import levels

Participants = Mapping[int, str]  # user id -> reason


def reason_for(user_id: int, level: str, *, actor_id: int, participants: Participants) -> str | None:
    """The reason why this member is told of the event, or None."""
    if user_id == actor_id:
        return None
    reason = participants.get(user_id)
    if level == levels.MUTED:
        return reason if reason in reasons.DIRECT else None
    if level == levels.PARTICIPATING:
        return reason
    return reason or reasons.ORG
