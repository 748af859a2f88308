"""What a delivery tells of, asked when it is sent: what its person has not read, may still see, and still wants to hear
of by this channel."""

from django.db.models import Exists, OuterRef, Q

from inbox.models import UNREAD, Notification
from orgs.models import Membership
from outbound.models import Delivery, Interval

MOST = 500  # rows of one delivery; a digest after a long holiday says that there is more


def to_tell(delivery: Delivery, most: int = MOST) -> list[Notification]:
    """List the notifications in log order, each with its event (`outlined`: without long texts) and organization. Empty
    where nothing is left to be said."""
    user_id = delivery.user_id
    if user_id is None or delivery.user is None or not delivery.user.is_active:
        return []
    intervals = list(delivery.intervals.all())
    if not intervals:
        return []
    mine = Membership.objects.filter(user_id=user_id, organization_id=OuterRef("organization_id"))
    rows = Notification.objects.filter(UNREAD, Exists(mine), recipient_id=user_id)
    rows = rows.filter(_within(intervals))
    return list(
        rows.select_related("organization", "event", "event__actor", "event__text").order_by(
            "organization_id", "event_id"
        )[:most]
    )


def _within(intervals: list[Interval]) -> Q:
    """Say which rows lie in one of the intervals."""
    found = Q(pk__in=[])
    for interval in intervals:
        within = Q(
            organization_id=interval.organization_id,
            event__organization_id=interval.organization_id,
            event__position__range=(interval.first, interval.last),
        )
        if interval.stream_id:
            within &= Q(event__stream_id=interval.stream_id)
        found |= within
    return found
