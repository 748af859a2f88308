"""Which tasks of a page have something unread for its reader."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from inbox.models import UNREAD, Notification
from orgs.models import Membership
from tasks.models import Task

MOST = 1_000  # notifications of a page's tasks; a dot needs one


def show_unread(membership: Membership, tasks: Sequence[Task]) -> None:
    """Give each task `unread`: the ids of the events that its reader has not read, newest first. One query for
    all."""
    found: dict[uuid.UUID, list[int]] = defaultdict(list)
    notifications = Notification.objects.filter(
        UNREAD,
        recipient_id=membership.user_id,
        organization_id=membership.organization_id,
        event__organization_id=membership.organization_id,
        event__stream_id__in=[task.pk for task in tasks],
    )
    rows = notifications.order_by("-event_id").values_list("event__stream_id", "event_id")
    for stream_id, event_id in rows[:MOST] if tasks else ():
        found[stream_id].append(event_id)
    for task in tasks:
        task.unread = found[task.pk]  # type: ignore[attr-defined]
