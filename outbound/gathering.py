"""What each person is to be told of by a channel, gathered from the logs: the follower that each channel has. It reads
what the inbox was told in the transaction of each event, so it tells of nothing else."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from base.statements import Insertion, Statement, run
from events.models import TaskEvent
from followers.register import Follower
from inbox.models import TO_ALL, UNREAD, Notification
from inbox.reasons import ORG, reasons
from orgs.models import Membership
from outbound.channels import Channel
from outbound.models import Gathering
from outbound.planning import Heard, Span, spans_of
from preferences.chosen import chosen, hours_of
from preferences.kinds import Value, default_of, kind_of
from preferences.models import Preference

LONGEST = 5  # times a channel's quiet seconds: as long can what goes on and on hold back the message about it
LOT = 500  # people whose rows one statement looks up

_INSERTION = Insertion(Gathering, without=["id"])
_AT_ONCE = """ON CONFLICT (user_id, channel, organization_id, stream_id) WHERE stream_id IS NOT NULL
DO UPDATE SET last = EXCLUDED.last, due_at = CASE
WHEN outbound_gathering.since > %s THEN EXCLUDED.due_at ELSE outbound_gathering.due_at END"""
_DIGEST = """ON CONFLICT (user_id, channel, organization_id) WHERE stream_id IS NULL
DO UPDATE SET last = EXCLUDED.last"""


class Gatherer(Follower):
    takes_anew = False

    def __init__(self, channel: Channel) -> None:
        self.name = channel.name  # type: ignore[misc]
        self.channel = channel
        self.rests = channel.rests

    def take(self, organization_id: int, events: Sequence[TaskEvent]) -> None:
        if not self.channel.is_on:
            return
        heard = list(self._heard(organization_id, events[0].pk, events[-1].pk))
        user_ids = {each.user_id for each in heard}
        now = timezone.now()
        spans = spans_of(
            heard,
            organization_id,
            chosen(user_ids, organization_id, self.channel.switches),
            hours_of(user_ids),
            now,
            self.channel.gather,
        )
        _write(spans, self.channel, now)

    def forget(self, organization_id: int) -> None:
        Gathering.objects.filter(organization_id=organization_id, channel=self.channel.name).delete()

    def _heard(self, organization_id: int, first: int, last: int) -> Iterator[Heard]:
        """Find what is unread of these events, by person, reason and stream. For reasons that nobody is told of unless
        they ask for it only those are looked at who did: in most logs nearly all rows are of such a reason."""
        switches = self.channel.switches
        wanted = [code for code in reasons() if default_of(switches, kind_of(code)) != Value.OFF]
        asked_for = [code for code in reasons() if code not in wanted]
        kinds = {kind_of(code) for code in asked_for}
        asked = Preference.objects.filter(channel=switches, kind__in=kinds).exclude(value=Value.OFF)
        members = Membership.objects.filter(
            organization_id=organization_id, user__in=self.channel.reachable()
        ).values_list("user_id", flat=True)
        askers = list(members.filter(user__in=asked.values("user_id")))
        told = Notification.objects.filter(
            UNREAD, organization_id=organization_id, event_id__gte=first, event_id__lte=last
        )
        own = told.filter(~TO_ALL, reason__in=[code for code in wanted if code != ORG])
        yield from _by_stream(own.filter(recipient_id__in=members))
        for at in range(0, len(askers), LOT):  # each looked up by the key: no plan goes over all rows
            yield from _by_stream(told.filter(reason__in=asked_for, recipient_id__in=askers[at : at + LOT]))


def _by_stream(told: QuerySet[Notification]) -> Iterable[Heard]:
    found = told.order_by().values_list("recipient_id", "reason", "event__stream_id")
    return [Heard(*row) for row in found.annotate(Min("event__position"), Max("event__position"))]


def _write(spans: Iterable[Span], channel: Channel, now: dt.datetime) -> None:
    """Add them to what has been gathered, in the order of people, so that two who write wait for each other and no
    more."""
    extendable = now - dt.timedelta(seconds=LONGEST * channel.gather)
    rows = [Gathering(channel=channel.name, since=now, **span._asdict()) for span in spans]
    at_once = _INSERTION.of(*(row for row in rows if row.stream_id))
    digest = _INSERTION.of(*(row for row in rows if not row.stream_id))
    run(
        *(_with(each, _AT_ONCE, extendable) for each in at_once),
        *(_with(each, _DIGEST) for each in digest),
    )


def _with(statement: Statement, ending: str, *values: Any) -> Statement:
    return Statement(f"{statement.sql} {ending}", [*statement.parameters, *values])
