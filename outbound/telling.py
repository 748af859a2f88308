"""What a delivery tells of, asked when it is sent: what its person has not read, may still see, and still wants to hear
of by this channel."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from inbox.models import UNREAD, Mute, Notification
from inbox.reasons import ORG, reasons
from inbox.recipients import hears
from orgs import levels
from orgs.models import Membership
from outbound.channels import CHANNELS
from outbound.models import Delivery, Gathering, Interval
from preferences.chosen import chosen
from preferences.kinds import Value, kind_of

MOST = 500  # rows of one delivery; a digest after a long holiday says that there is more


def to_tell(delivery: Delivery, most: int = MOST) -> list[Notification]:
    """List the notifications in log order, each with its event (`outlined`: without long texts) and organization. Empty
    where nothing is left to be said."""
    if delivery.user_id is None or delivery.user is None or not delivery.user.is_active:
        return []
    mine = Notification.objects.filter(
        UNREAD, _told_of(delivery, delivery.user_id), recipient_id=delivery.user_id
    )
    muted = Mute.objects.filter(user=delivery.user_id).values("stream_id")
    rows = mine.exclude(event__stream_id__in=muted).exclude(within(told_at_once(delivery)))
    loaded = rows.select_related("organization", "event__organization", "event__actor", "event__text")
    return list(loaded.order_by("organization_id", "event_id")[:most])


def told_at_once(delivery: Delivery) -> list[Interval | Gathering]:
    """List what of a digest's logs a message of its own tells the person, or is about to: the digest leaves it out."""
    intervals = list(delivery.intervals.all()) if delivery.kind == Delivery.Kind.DIGEST else []
    if not intervals:
        return []
    streams: dict[str, Any] = {
        "stream_id__isnull": False,
        "last__gte": min(interval.first for interval in intervals),
        "organization_id__in": {interval.organization_id for interval in intervals},
    }
    messages = Interval.objects.filter(delivery__user=delivery.user_id, delivery__channel=delivery.channel)
    gathered = Gathering.objects.filter(user=delivery.user_id, channel=delivery.channel)
    return [*messages.filter(**streams), *gathered.filter(**streams)]


def within(spans: Iterable[Interval | Gathering]) -> Q:
    """Say which rows lie in one of them."""
    return reduce(or_, map(_within, spans), Q(pk__in=[]))


def _told_of(delivery: Delivery, user_id: int) -> Q:
    """Say which rows lie in one of its intervals, where the person is a member and for a reason that they want."""
    intervals = list(delivery.intervals.all())
    joined = dict(Membership.objects.filter(user_id=user_id).values_list("organization_id", "level"))
    wanted = {
        org_id: _wanted(user_id, org_id, joined[org_id], delivery.channel)
        for org_id in {interval.organization_id for interval in intervals} & joined.keys()
    }
    parts = (_within(each) & Q(reason__in=wanted.get(each.organization_id, [])) for each in intervals)
    return reduce(or_, parts, Q(pk__in=[]))


def _wanted(user_id: int, org_id: int, level: str, channel: str) -> list[str]:
    """List the reasons for which they want to hear by this channel, and which their level there lets through."""
    values = chosen([user_id], org_id, CHANNELS[channel].switches)[user_id]
    return [
        code
        for code in reasons()
        if values[kind_of(code)] != Value.OFF
        and (level == levels.ALL or (code != ORG and hears(level, code, watches=True)))
    ]


def _within(span: Interval | Gathering) -> Q:
    found = Q(
        organization_id=span.organization_id,
        event__organization_id=span.organization_id,
        event__position__range=(span.first, span.last),
    )
    return found & Q(event__stream_id=span.stream_id) if span.stream_id else found
