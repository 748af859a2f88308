"""Which tasks of a page have something unread for its reader."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import BigIntegerField, UUIDField

from base.compiled import Parameter
from base.compiled_lists import CompiledForMany
from inbox.models import UNREAD, Notification
from orgs.models import Membership
from tasks.rows import TaskRow

MOST = 1_000  # notifications of a page's tasks; a dot needs one

_UNREAD = CompiledForMany(
    UUIDField(),
    lambda streams: (
        Notification.objects.filter(
            UNREAD,
            recipient_id=Parameter("recipient_id", BigIntegerField()),
            organization_id=Parameter("organization_id", BigIntegerField()),
            event__organization_id=Parameter("organization_id", BigIntegerField()),
            event__stream_id__in=streams,  # type: ignore[misc]
        )
        .order_by("-event_id")
        .values_list("event__stream_id", "event_id")
    ),
)


def show_unread(membership: Membership, rows: Sequence[TaskRow]) -> None:
    """Put `unread` into each row. One query for all."""
    found: dict[uuid.UUID, list[int]] = defaultdict(list)
    for stream_id, event_id in _UNREAD.rows(
        [row.pk for row in rows],
        most=MOST,
        recipient_id=membership.user_id,
        organization_id=membership.organization_id,
    ):
        found[stream_id].append(event_id)
    for row in rows:
        row.unread = found.get(row.pk, []) if row.pk else []
