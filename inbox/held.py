"""What inboxes need of a log's beginning: whatever they hold, read or not, tells of an event that must be there."""

import uuid
from collections.abc import Collection

from events.models import TaskEvent
from inbox.models import Notification


def streams_in_inboxes(organization_id: int, streams: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Find those of the streams of which some inbox holds a notification. All of the organization's are read once: no
    index begins with the event."""
    told = Notification.objects.filter(organization_id=organization_id).values("event_id")
    found = TaskEvent.objects.filter(organization_id=organization_id, pk__in=told).order_by()
    return set(found.values_list("stream_id", flat=True).distinct()) & set(streams)
