"""What the bell shows: the newest threads of an inbox, one row for each, with what is unread among the newest rows. How
much it looks at is bounded, whatever there is."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from inbox.listing import Row, rows_of, with_events
from inbox.models import Notification
from inbox.newest import Filters, newest
from inbox.org_inboxes import OrgInbox
from inbox.states import INBOX, State

ROWS = 10
LOOK = 200  # notifications that are looked at for their threads


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest notification stands for all of its stream."""

    newest: Row
    known: tuple[int, ...]  # events looked at, newest first
    unread: tuple[int, ...]  # those of them that are unread

    @property
    def stream_id(self) -> uuid.UUID:
        return self.newest.event.stream_id

    @property
    def thread(self) -> str:
        """Name it in a form: up to this event its reader has seen it."""
        return f"{self.stream_id}:{self.newest.event.pk}"


def threads(user_id: int, places: Iterable[OrgInbox], *, unread: bool = False) -> list[Thread]:
    """List the newest threads of the user's inbox, or those with something unread, ROWS at most."""
    filters = Filters(
        tuple(place.org_id for place in places), states=frozenset({State.UNREAD}) if unread else INBOX
    )
    looked_at = Notification.objects.filter(
        recipient_id=user_id, event_id__in=newest(user_id, filters, LOOK)
    ).order_by("-event_id")
    of_stream: dict[uuid.UUID, dict[int, int]] = {}
    for stream_id, event_id, state in looked_at.values_list("event__stream_id", "event_id", "state"):
        of_stream.setdefault(stream_id, {})[event_id] = state
    shown = list(of_stream.values())[:ROWS]
    rows = rows_of(with_events(user_id, [max(states) for states in shown]), user_id)
    return [
        Thread(row, tuple(states), tuple(event for event in states if states[event] == State.UNREAD))
        for row, states in zip(rows, shown, strict=True)
    ]
