"""Reading: the only module that changes what is read and what is watched.

Every change is announced to all of the user's tabs with absolute counts and the positions that they are exact for.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from inbox.models import Notification, Watch
from inbox.standing import Standing, standings, total_unread
from orgs.models import User
from orgs.transactions import announce, user_group_name, write_transaction


def mark_read(user: User, event_ids: Sequence[int]) -> int:
    """Returns how many were unread. Ids that are not the user's are ignored."""
    with write_transaction():
        changed = _mine(user).filter(event_id__in=event_ids, read_at=None).update(read_at=timezone.now())
        if changed:
            _announce(user, read={"event_ids": list(event_ids)})
    return changed


def mark_unread(user: User, event_ids: Sequence[int]) -> int:
    with write_transaction():
        rows = _mine(user).filter(event_id__in=event_ids, read_at__isnull=False)
        changed = rows.update(read_at=None)
        if changed:
            _announce(user, unread_again={"event_ids": list(event_ids)})
    return changed


def mark_all_read(user: User, *, up_to: int, org_id: int | None = None) -> tuple[int, dt.datetime]:
    """Everything that the reader can have seen: events up to and including `up_to`, in one organization or in all.
    What arrived later stays unread. Returns how many, and the moment by which `undo_all_read` knows them."""
    now = timezone.now()
    with write_transaction():
        rows = _mine(user).filter(event_id__lte=up_to, read_at=None)
        if org_id is not None:
            rows = rows.filter(organization_id=org_id)
        changed = rows.update(read_at=now)
        if changed:
            _announce(user, read={"org_id": org_id, "up_to": up_to})
    return changed, now


def undo_all_read(user: User, *, read_at: dt.datetime) -> int:
    """Unread again what was read at exactly that moment."""
    with write_transaction():
        rows = _mine(user).filter(read_at=read_at)
        event_ids = list(rows.values_list("event_id", flat=True))
        if event_ids:
            rows.update(read_at=None)
            _announce(user, unread_again={"event_ids": event_ids})
    return len(event_ids)


def watch(user: User, stream_id: uuid.UUID, *, watching: bool) -> None:
    """The caller has checked that the task is the user's to see."""
    with write_transaction():
        if watching:
            Watch.objects.get_or_create(user=user, stream_id=stream_id)
        else:
            Watch.objects.filter(user=user, stream_id=stream_id).delete()


def unread_frame(places: list[Standing]) -> dict[str, Any]:
    """Absolute counts, and the positions that they are exact for."""
    return {
        "unread": {"total": total_unread(places), "orgs": {str(place.org_id): place.unread for place in places}},
        "at": {str(place.org_id): place.position for place in places},
    }


def _mine(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user)


def _announce(user: User, **change: dict[str, Any]) -> None:
    frame = {"type": "unread", "read": None} | unread_frame(standings(user)) | change
    announce(user_group_name(user.pk), {"type": "frame", "frame": frame})
