"""Which tasks of a page have something unread for its reader."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from django.db.models import BigIntegerField, UUIDField

from base.compiled import Parameter
from base.compiled_lists import CompiledList, in_places, places
from inbox.models import UNREAD, Notification
from orgs.models import Membership
from tasks.rows import TaskRow

MOST = 1_000  # notifications of a page's tasks; a dot needs one
LENGTHS = (64, 512)  # tasks, of a page of the list and of a board: a statement for each


def show_unread(membership: Membership, rows: Sequence[TaskRow]) -> None:
    """Put `unread` into each row. One query for all."""
    if not rows:
        return
    length = next(length for length in LENGTHS if length >= len(rows))
    found: dict[uuid.UUID, list[int]] = defaultdict(list)
    for stream_id, event_id in _unread(length).rows(
        most=MOST,
        recipient_id=membership.user_id,
        organization_id=membership.organization_id,
        **in_places("stream", [row.pk for row in rows], length),
    ):
        found[stream_id].append(event_id)
    for row in rows:
        row.unread = found.get(row.pk, [])


@cache
def _unread(length: int) -> CompiledList:
    organization_id = Parameter("organization_id", BigIntegerField())
    return CompiledList(
        lambda: (
            Notification.objects.filter(
                UNREAD,
                recipient_id=Parameter("recipient_id", BigIntegerField()),
                organization_id=organization_id,
                event__organization_id=organization_id,
                event__stream_id__in=places("stream", UUIDField(), length),
            )
            .order_by("-event_id")
            .values_list("event__stream_id", "event_id")
        )
    )
