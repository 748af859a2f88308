"""What a delivery tells of and what it leaves out, as spans that the inbox's field can name (`news:acme.301-317`)."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from events.models import TaskEvent
from inbox.models import Mute, Notification
from inbox.span_rows import PlacedSpan, Spans
from inbox.spans import Span
from orgs.models import Organization
from outbound.models import Delivery, Interval
from outbound.telling import told_at_once, within


def spans_told(delivery: Delivery, told: Sequence[Notification]) -> Spans:
    """Name where these notifications of it lie."""
    return tuple(span for interval in delivery.intervals.all() for span in _spans(interval, told))


def _spans(interval: Interval, told: Sequence[Notification]) -> list[PlacedSpan]:
    """Name what is told of an interval; for some reasons alone where more lies in it."""
    mine = [each for each in told if _lies_in(interval, each)]
    if not mine:
        return []
    number = mine[0].event.task_number if interval.stream_id else None
    span = Span(mine[0].organization.slug, interval.first, interval.last, number)
    placed, reasons = PlacedSpan(interval.organization_id, span), sorted({each.reason for each in mine})
    others = Notification.objects.filter(placed.rows(), recipient_id=mine[0].recipient_id)
    if others.exclude(reason__in=reasons).exists():
        placed = placed._replace(span=span._replace(reasons=tuple(reasons)))
    return [placed]


def _lies_in(interval: Interval, notification: Notification) -> bool:
    event = notification.event
    return (
        notification.organization_id == interval.organization_id
        and interval.first <= event.position <= interval.last
        and interval.stream_id in (None, event.stream_id)
    )


def spans_left_out(delivery: Delivery, organizations: Mapping[int, Organization]) -> Spans:
    """Name what lies within and is not told: what a digest leaves to messages of their own, and what is muted."""
    at_once = [span for span in told_at_once(delivery) if span.organization_id in organizations]
    places = [(span.organization_id, span.first, span.last, span.stream_id) for span in at_once]
    for interval in delivery.intervals.all():
        if interval.organization_id in organizations:
            where = interval.organization_id, interval.first, interval.last
            places += [(*where, stream_id) for stream_id in _muted_in(delivery, interval)]
    numbers = _numbers({stream_id for *_, stream_id in places})
    return tuple(
        PlacedSpan(org_id, Span(organizations[org_id].slug, first, last, numbers[stream_id]))
        for org_id, first, last, stream_id in places
        if stream_id in numbers
    )


def _muted_in(delivery: Delivery, interval: Interval) -> set[uuid.UUID]:
    muted = Mute.objects.filter(user=delivery.user_id).values("stream_id")
    rows = Notification.objects.filter(within([interval]), recipient_id=delivery.user_id)
    return set(rows.filter(event__stream_id__in=muted).values_list("event__stream_id", flat=True))


def _numbers(streams: Collection[uuid.UUID | None]) -> dict[uuid.UUID | None, int]:
    """Find the numbers of the tasks that these streams are of."""
    first = TaskEvent.objects.filter(stream_id__in=[each for each in streams if each], version=1).order_by()
    return dict(first.values_list("stream_id", "task_number"))
