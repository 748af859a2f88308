"""Deliveries as they are when somebody's mail is due: rows, whoever would have made them."""

from itertools import count

from django.utils import timezone

from events.models import TaskEvent
from outbound.models import Delivery, Interval

_numbers = count(1)


def delivery_for(user, *teams, kind=Delivery.Kind.DIGEST, tasks=(), first=1):
    """Make one that tells a person of all that these organizations' logs have now, or of some tasks alone."""
    now = timezone.now()
    key = f"mail {kind} {next(_numbers)}"
    delivery = Delivery.objects.create(
        key=key, channel=Delivery.Channel.MAIL, kind=kind, user=user, due_at=now, created_at=now
    )
    streams = [task.pk for task in tasks] or [None]
    Interval.objects.bulk_create(
        Interval(
            delivery=delivery,
            organization=team.organization,
            first=first,
            last=last_of(team),
            stream_id=stream,
        )
        for team in teams
        for stream in streams
    )
    return delivery


def last_of(team):
    return TaskEvent.objects.filter(organization=team.pk).latest("position").position
