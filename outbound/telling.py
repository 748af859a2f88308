"""What a delivery tells of, asked when it is sent: what its person has not read, may still see, and still wants to hear
of by this channel."""

from collections.abc import Iterable

from django.db.models import Q

from inbox.models import UNREAD, Mute, Notification
from inbox.reasons import ORG, direct, reasons
from inbox.recipients import reason_for
from orgs.models import Membership
from outbound.channels import CHANNELS
from outbound.models import Delivery, Interval
from preferences.chosen import chosen
from preferences.kinds import Value, kind_of

MOST = 500  # rows of one delivery; a digest after a long holiday says that there is more

_VALUES = {Delivery.Kind.DIGEST: (Value.DIGEST,), Delivery.Kind.AT_ONCE: (Value.AT_ONCE, Value.ON)}


def to_tell(delivery: Delivery, most: int = MOST) -> list[Notification]:
    """List the notifications in log order, each with its event and organization. Empty where nothing is left to be
    said."""
    user_id = delivery.user_id
    if user_id is None or delivery.user is None or not delivery.user.is_active:
        return []
    wanted = _wanted(user_id, delivery, list(delivery.intervals.all()))
    muted = Mute.objects.filter(user=user_id).values("stream_id")
    rows = Notification.objects.filter(UNREAD, wanted, recipient_id=user_id)
    rows = rows.exclude(~Q(reason__in=direct()), event__stream_id__in=muted)
    return list(
        rows.select_related("organization", "event", "event__actor", "event__text").order_by(
            "organization_id", "event_id"
        )[:most]
    )


def _wanted(user_id: int, delivery: Delivery, intervals: Iterable[Interval]) -> Q:
    """Say which rows lie in one of the intervals, where the person is a member and for a reason that they want."""
    levels = dict(Membership.objects.filter(user_id=user_id).values_list("organization_id", "level"))
    codes = {
        org_id: _reasons(user_id, levels[org_id], delivery, org_id)
        for org_id in {interval.organization_id for interval in intervals} & levels.keys()
    }
    found = Q(pk__in=[])
    for interval in intervals:
        found |= _within(interval) & Q(reason__in=codes.get(interval.organization_id, []))
    return found


def _reasons(user_id: int, level: str, delivery: Delivery, org_id: int) -> list[str]:
    """List the reasons for which they want to hear by this channel, and which their level in the organization lets
    through."""
    values = chosen([user_id], org_id, CHANNELS[delivery.channel].switches)[user_id]
    asked = [code for code in reasons() if values[kind_of(code)] in _VALUES[Delivery.Kind(delivery.kind)]]
    return [
        code
        for code in asked
        if reason_for(user_id, level, actor_id=0, participants={} if code == ORG else {user_id: code}) == code
    ]


def _within(interval: Interval) -> Q:
    within = Q(
        organization_id=interval.organization_id,
        event__organization_id=interval.organization_id,
        event__position__range=(interval.first, interval.last),
    )
    return within & Q(event__stream_id=interval.stream_id) if interval.stream_id else within
