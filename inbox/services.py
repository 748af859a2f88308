"""Reading: the only module that changes what is read and what is watched.

Every change is announced to all of the user's tabs with absolute counts and the positions that they are exact for.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from inbox.models import Notification, Watch
from inbox.standing import Standing, standings, total_unread
from orgs.models import User
from orgs.transactions import announce, user_group_name, write_transaction


def mark_read(user_id: int, event_ids: Sequence[int]) -> int:
    """Returns how many were unread. Ids that are not the user's are ignored."""
    with _one_at_a_time(user_id):
        changed = _mine(user_id).filter(event_id__in=event_ids, read_at=None).update(read_at=timezone.now())
        if changed:
            _announce(user_id, read={"event_ids": list(event_ids)})
    return changed


def mark_unread(user_id: int, event_ids: Sequence[int]) -> int:
    with _one_at_a_time(user_id):
        rows = _mine(user_id).filter(event_id__in=event_ids, read_at__isnull=False)
        changed = rows.update(read_at=None)
        if changed:
            _announce(user_id, unread_again={"event_ids": list(event_ids)})
    return changed


def mark_all_read(user_id: int, *, up_to: int, org_id: int | None = None) -> tuple[int, dt.datetime]:
    """Everything that the reader can have seen: events up to and including `up_to`, in one organization or in all.
    What arrived later stays unread. Returns how many, and the moment by which `undo_all_read` knows them."""
    now = timezone.now()
    with _one_at_a_time(user_id):
        rows = _mine(user_id).filter(event_id__lte=up_to, read_at=None)
        if org_id is not None:
            rows = rows.filter(organization_id=org_id)
        changed = rows.update(read_at=now)
        if changed:
            _announce(user_id, read={"org_id": org_id, "up_to": up_to})
    return changed, now


def undo_all_read(user_id: int, *, read_at: dt.datetime) -> int:
    """Unread again what was read at exactly that moment."""
    with _one_at_a_time(user_id):
        rows = _mine(user_id).filter(read_at=read_at)
        event_ids = list(rows.values_list("event_id", flat=True))
        if event_ids:
            rows.update(read_at=None)
            _announce(user_id, unread_again={"event_ids": event_ids})
    return len(event_ids)


def watch(user_id: int, stream_id: uuid.UUID, *, watching: bool) -> None:
    """The caller has checked that the task is the user's to see."""
    with write_transaction():
        if watching:
            Watch.objects.get_or_create(user_id=user_id, stream_id=stream_id)
        else:
            Watch.objects.filter(user_id=user_id, stream_id=stream_id).delete()


def unread_frame(places: list[Standing]) -> dict[str, Any]:
    """Absolute counts, and the positions that they are exact for."""
    return {
        "unread": {
            "total": total_unread(places),
            "orgs": {str(place.org_id): place.unread for place in places},
        },
        "at": {str(place.org_id): place.position for place in places},
    }


@contextmanager
def _one_at_a_time(user_id: int) -> Iterator[None]:
    """Lock the user's row, so that each announcement counts what every earlier one changed."""
    with write_transaction(user_group_name(user_id)):
        User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        yield


def _mine(user_id: int) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient_id=user_id)


def _announce(user_id: int, **change: dict[str, Any]) -> None:
    frame = {"type": "unread", "read": None} | unread_frame(standings(user_id)) | change
    announce(user_group_name(user_id), {"type": "user.event", "user_id": user_id, "payload": frame})
