"""Notifications that people had in another installation, with what they did with them there."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from inbox.models import Notification


class Arriving(NamedTuple):
    recipient_id: int
    event_id: int
    reason: str
    state: int
    read_at: dt.datetime | None
    snoozed_until: dt.datetime | None


def take(organization_id: int, arriving: Iterable[Arriving]) -> None:
    """Write some, of events that are there; under the lock of their log's head."""
    Notification.objects.bulk_create(
        Notification(organization_id=organization_id, **each._asdict()) for each in arriving
    )
