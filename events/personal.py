"""What people wrote, as they are told it when they ask what is kept of them. `erasure` is what takes it."""

from collections.abc import Iterator
from typing import Any

from events.models import EventText
from orgs.models import User

PAGE = 100  # texts that are read at a time


def texts_of(user: User) -> Iterator[dict[str, Any]]:
    """Give all texts of theirs that are kept, in every organization, oldest first."""
    written = EventText.objects.filter(event__actor_id=user.pk).select_related("event__organization")
    last = 0
    while page := list(written.filter(event_id__gt=last).order_by("event_id")[:PAGE]):
        for text in page:
            event = text.event
            yield {"at": event.created_at, "where": event.key, "event": event.action, "text": text.body}
        last = page[-1].event_id
