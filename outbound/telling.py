"""What a delivery tells of, asked when it is sent: what its person has not read, may still see, and still wants to hear
of by this channel."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from inbox.models import UNREAD, Notification
from orgs.models import Membership
from outbound.channels import CHANNELS
from outbound.models import Delivery, Gathering, Interval
from preferences.chosen import chosen
from preferences.kinds import Kind, Value, kind_of

MOST = 500  # rows of one delivery; a digest after a long holiday says that there is more


def to_tell(delivery: Delivery, most: int = MOST) -> list[Notification]:
    """List the notifications in log order, each with its event (`outlined`: without long texts) and organization. Empty
    where nothing is left to be said."""
    if delivery.user_id is None or delivery.user is None or not delivery.user.is_active:
        return []
    intervals = list(delivery.intervals.all())
    rows = _unread(delivery.user_id, intervals)[:most] if intervals else []
    wants = _Wants(delivery.user_id, delivery.channel)
    told = _told_at_once(delivery, intervals) if delivery.kind == Delivery.Kind.DIGEST else []
    return [row for row in rows if wants.of(row) and not any(_tells_of(each, row) for each in told)]


class _Wants:
    """What somebody wants to hear of by a channel now, in whichever organization."""

    def __init__(self, user_id: int, channel: str) -> None:
        self._user_id, self._switches = user_id, CHANNELS[channel].switches
        self._known: dict[int, Mapping[Kind, Value]] = {}

    def of(self, row: Notification) -> bool:
        here = row.organization_id
        if here not in self._known:
            self._known[here] = chosen([self._user_id], here, self._switches)[self._user_id]
        return self._known[here][kind_of(row.reason)] != Value.OFF


def _unread(user_id: int, intervals: list[Interval]) -> QuerySet[Notification]:
    """Find what the person has not read of it, where they still are a member."""
    mine = Membership.objects.filter(user_id=user_id, organization_id=OuterRef("organization_id"))
    rows = Notification.objects.filter(_within(intervals), UNREAD, Exists(mine), recipient_id=user_id)
    loaded = rows.select_related("organization", "event__organization", "event__actor", "event__text")
    return loaded.order_by("organization_id", "event_id")


def _told_at_once(digest: Delivery, intervals: list[Interval]) -> list[Interval | Gathering]:
    """List what of these logs a message of its own tells the person, or is about to: a digest leaves it out."""
    first = min(interval.first for interval in intervals)
    streams = {
        "stream_id__isnull": False,
        "last__gte": first,
        "organization_id__in": {interval.organization_id for interval in intervals},
    }
    messages = Interval.objects.filter(
        delivery__user=digest.user_id, delivery__channel=digest.channel, **streams
    )
    gathered = Gathering.objects.filter(user=digest.user_id, channel=digest.channel, **streams)
    return [*messages, *gathered]


def _tells_of(span: Interval | Gathering, row: Notification) -> bool:
    event = row.event
    return (
        span.organization_id == event.organization_id
        and span.stream_id == event.stream_id
        and span.first <= event.position <= span.last
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
