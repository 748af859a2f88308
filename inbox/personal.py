"""What is in somebody's inbox, as they are told it when they ask what is kept of them."""

from collections.abc import Iterator
from typing import Any

from inbox.models import Notification
from inbox.states import State
from orgs.models import User

PAGE = 500  # rows that are read at a time


def notifications_of(user: User) -> Iterator[dict[str, Any]]:
    """List the notifications from organizations that they belong to, oldest first."""
    theirs = user.memberships.values("organization")
    notes = Notification.objects.filter(recipient=user, organization__in=theirs)
    notes = notes.select_related("event__organization").order_by("event_id")
    last = 0
    while page := list(notes.filter(event_id__gt=last)[:PAGE]):
        for note in page:
            yield {
                "at": note.event.created_at,
                "where": note.event.key,
                "event": note.event.action,
                "reason": note.reason,
                "state": State(note.state).word,
                "read_at": note.read_at,
            }
        last = page[-1].event_id
