"""Removes what was read or done long ago from the inboxes, a few rows at a time. The log stays, so nothing is lost that
happened; what is unread, snoozed or saved stays too.

The moment is kept before the first row goes: what is missing of events before it may have been cleared, so nobody takes
it for a loss or puts it back.
"""

import datetime as dt
import time

from django.conf import settings
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone

from events.findings import Scope, register_remark
from inbox.models import HANDLED, Clearing, Notification
from inbox.revisions import locked, revision_at
from inbox.states import State
from orgs.models import User

ONLY = 1  # the row's key
LOT = 500  # rows in one transaction, all of one person
TURN = 1.0  # seconds: then what else is due goes on first
REST = dt.timedelta(days=1)  # between two walks through all inboxes
CLEARED = (State.READ, State.DONE)


def clear_inboxes(now: dt.datetime) -> dt.datetime | None:
    """Walk through the inboxes for a moment, from where it ended. Returns when there is more to be done."""
    if not settings.KEEP_NOTIFICATIONS_DAYS:
        return None
    before = now - dt.timedelta(days=settings.KEEP_NOTIFICATIONS_DAYS)
    clearing = Clearing.objects.filter(pk=ONLY).first() or Clearing(ONLY, before, next_at=now)
    if clearing.next_at > now:
        return clearing.next_at
    clearing.before = max(clearing.before, before)
    clearing.save()
    ends = time.monotonic() + TURN
    while time.monotonic() < ends:
        recipient = _next(clearing.place)
        if recipient is None:
            Clearing.objects.filter(pk=ONLY).update(place=0, next_at=now + REST)
            return now + REST
        if not _clear_lot(recipient, before):
            clearing.place = recipient
    Clearing.objects.filter(pk=ONLY).update(place=clearing.place)
    return now


def cleared_before() -> dt.datetime | None:
    """Tell before which moment what is missing may have been cleared; None where nothing ever was."""
    before: dt.datetime | None = Clearing.objects.filter(pk=ONLY).values_list("before", flat=True).first()
    return before


def _next(place: int) -> int | None:
    """Find the next person with an inbox, by the key: the table of notifications is never walked through."""
    later: int | None = User.objects.filter(pk__gt=place).aggregate(first=Min("pk"))["first"]
    return later


def _clear_lot(recipient: int, before: dt.datetime) -> int:
    """Remove some of one person's, those first that were changed longest ago. Their marks wait meanwhile, so nothing is
    removed that was made unread again just now."""
    mine = Notification.objects.filter(recipient_id=recipient)
    if not _old(mine, before):
        return 0
    with locked(recipient):
        event_ids = _old(mine, before)
        gone, _ = mine.filter(event_id__in=event_ids).delete()
        Clearing.objects.filter(pk=ONLY).update(removed=F("removed") + gone)
    return gone


def _old(mine: QuerySet[Notification], before: dt.datetime) -> list[int]:
    """List events: by the index of marks, then those of the few rows that were read without one."""
    cleared = mine.filter(HANDLED, state__in=CLEARED, event__created_at__lt=before)
    marked = cleared.filter(mark__isnull=False, mark__lt=revision_at(before)).order_by("mark")
    found = list(marked.values_list("event_id", flat=True)[:LOT])
    if not found:
        unmarked = cleared.filter(Q(mark=None), Q(read_at=None) | Q(read_at__lt=before))
        found = list(unmarked.values_list("event_id", flat=True)[:LOT])
    return found


@register_remark
def remark(scope: Scope) -> str:
    """Say for the audit what no inbox has any more."""
    clearing = Clearing.objects.filter(pk=ONLY, removed__gt=0).first()
    if clearing is None or scope != Scope():
        return ""
    day = f"{timezone.localtime(clearing.before, dt.UTC):%-d %b %Y}"
    return f"{clearing.removed:,} notifications that were read or done are not kept: they tell of events before {day}."
