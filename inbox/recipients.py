"""Who is told of an event, and why. Pure: rows and frames both come from `reason_for`, so they cannot disagree.

`deliver` (inbox/deliver.py) says the same in SQL; a test compares the two for every level and reason.
"""

from events.subjects import Participants
from inbox.models import Reason
from inbox.reasons import direct
from orgs.models import Membership

__all__ = ["Level", "Participants", "reason_for"]

Level = Membership.Level


def reason_for(
    user_id: int, level: str, *, actor_id: int, participants: Participants, to_all: bool = True
) -> str | None:
    """Give the reason why this member is told of the event, or None. `to_all`: as its fact says."""
    if user_id == actor_id:
        return None
    reason = participants.get(user_id)
    if level == Level.MUTED:
        return reason if reason in direct() else None
    if level == Level.PARTICIPATING or not to_all:
        return reason
    return reason or Reason.ORG
