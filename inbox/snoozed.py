"""What was snoozed comes back unread when its moment has come, never before. It keeps that moment until it is changed
again: so a list knows what came back.

Whoever keeps the time calls `wake_snoozed`; called twice, or by two processes at once, it wakes nothing twice."""

import datetime as dt

from django.db.models import Min, QuerySet

from inbox.changes import tell
from inbox.frames import Change
from inbox.marks import for_good
from inbox.models import IS_SNOOZED, Notification
from inbox.revisions import keep, locked
from inbox.states import State

LOT = 500  # of one person's at a time: each has a frame that names them


def wake_snoozed(now: dt.datetime) -> dt.datetime | None:
    """Make unread what is due, and return when the next one is."""
    while (recipient := _first_due(now)) is not None:
        _wake(recipient, now)
    following: dt.datetime | None = _snoozed().aggregate(next=Min("snoozed_until"))["next"]
    return following


def _snoozed() -> QuerySet[Notification]:
    return Notification.objects.filter(IS_SNOOZED, snoozed_until__isnull=False)


def _first_due(now: dt.datetime) -> int | None:
    due = _snoozed().filter(snoozed_until__lte=now).order_by("snoozed_until")
    return due.values_list("recipient_id", flat=True).first()


def _wake(user_id: int, now: dt.datetime) -> None:
    due = _snoozed().filter(recipient_id=user_id, snoozed_until__lte=now)
    with locked(user_id) as inbox:
        event_ids = list(due.order_by("snoozed_until", "event_id").values_list("event_id", flat=True)[:LOT])
        values = for_good(inbox.revision) | {"state": State.UNREAD}
        if due.filter(event_id__in=event_ids).update(**values):
            keep(inbox)
            tell(user_id, Change("wake", inbox.revision, State.UNREAD.word, event_ids=event_ids))
