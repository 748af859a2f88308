"""Deliveries are made of what was gathered and is due: in one transaction the one goes and the other comes, so that
nothing is told twice and nothing is lost, whenever whoever makes them dies."""

import datetime as dt
import time
from collections.abc import Sequence

from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from base.transactions import write_transaction
from outbound.models import Delivery, Gathering, Interval
from outbound.planning import Message, Span, messages_of
from preferences.chosen import hours_of
from preferences.hours import allowed_from, next_digest

LOT = 200  # people at a time
TURN = 1.0  # seconds: then the followers go on first


def make_due(now: dt.datetime) -> dt.datetime | None:
    """Make the deliveries of what is due. Returns when there is more to be made, or None."""
    ends = time.monotonic() + TURN
    while _make_lot(now):
        if time.monotonic() > ends:
            return now
    following: dt.datetime | None = Gathering.objects.aggregate(next=Min("due_at"))["next"]
    return max(following, now + dt.timedelta(seconds=1)) if following else None


def reschedule(user_id: int) -> None:
    """Let what has been gathered for somebody wait for the hours that they have now."""
    hours, now = hours_of([user_id])[user_id], timezone.now()
    gathered = Gathering.objects.filter(user_id=user_id)
    gathered.filter(mode=Gathering.Mode.DIGEST).update(due_at=next_digest(now, hours))
    gathered.filter(mode=Gathering.Mode.AT_ONCE).update(due_at=allowed_from(now, hours))


def _make_lot(now: dt.datetime) -> bool:
    """Make those of some people for one channel. True where there may be more."""
    due = Gathering.objects.filter(due_at__lte=now)
    first = due.order_by("due_at").values_list("channel", flat=True).first()
    if first is None:
        return False
    user_ids = due.filter(channel=first).order_by().values_list("user_id", flat=True).distinct()[:LOT]
    with write_transaction():
        # Past what the follower adds to just now: it will be there next time.
        locked = Gathering.objects.select_for_update(skip_locked=True)
        rows = list(locked.filter(channel=first, user_id__in=list(user_ids)))
        messages = messages_of(map(_span, rows), first, now)
        _insert(messages)
        told = {_place(span) for message in messages for span in message.spans}
        gone = [row.pk for row in rows if _place(row) in told]
        Gathering.objects.filter(pk__in=gone).delete()
    return bool(gone)


def _insert(messages: Sequence[Message]) -> None:
    now = timezone.now()
    keys = [message.key for message in messages]
    known = set(Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
    made = [
        Delivery(
            key=message.key,
            channel=message.channel,
            kind=message.mode,
            user_id=message.user_id,
            due_at=Now(),  # by the clock that senders ask
            created_at=now,
        )
        for message in messages
        if message.key not in known
    ]
    spans = {message.key: message.spans for message in messages}
    Interval.objects.bulk_create(
        Interval(
            delivery=delivery,
            organization_id=span.organization_id,
            first=span.first,
            last=span.last,
            stream_id=span.stream_id,
        )
        for delivery in Delivery.objects.bulk_create(made)
        for span in spans[delivery.key]
    )


def _span(row: Gathering) -> Span:
    return Span(*(getattr(row, name) for name in Span._fields))


def _place(row: Gathering | Span) -> tuple[int, int, object]:
    return row.user_id, row.organization_id, row.stream_id


def hasten(now: dt.datetime) -> None:
    """Let all that was gathered be due now: for demos, where nobody waits for the hour of a digest."""
    Gathering.objects.filter(due_at__gt=now).update(due_at=now)
