"""Figures of each channel for operators."""

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, Min

from base.figures import asked, gauge
from outbound.channels import CHANNELS
from outbound.models import Delivery

State = Delivery.State

DELIVERIES = gauge(
    "deliveries",
    "Mails and pushes that wait, and those given up in the last 30 days.",
    ["channel", "state"],
    shared=True,
)
OLDEST = gauge(
    "delivery_oldest_timestamp_seconds",
    "When the oldest was made that waits; 0 where none does.",
    ["channel"],
    shared=True,
)


class Figures(NamedTuple):
    channel: str
    is_on: bool
    waiting: int
    oldest: dt.datetime | None  # when the oldest that waits was made
    given_up: int  # of the last 30 days, which are kept

    def words(self, now: dt.datetime) -> str:
        """Say them: `mail, to send: 3 waiting, the oldest for 40 s; 1 given up`."""
        since = f", the oldest for {(now - self.oldest).total_seconds():,.0f} s" if self.oldest else ""
        off = "" if self.is_on else " (not set up)"
        return f"{self.channel}, to send: {self.waiting:,} waiting{since}; {self.given_up:,} given up{off}"


def figures() -> list[Figures]:
    """Count for each channel. Two queries."""
    waiting = Delivery.objects.filter(state=State.WAITING).order_by().values_list("channel")
    found = {
        name: (count, oldest) for name, count, oldest in waiting.annotate(Count("pk"), Min("created_at"))
    }
    ended = Delivery.objects.filter(state=State.GIVEN_UP, ended_at__isnull=False).order_by()
    given_up = dict(ended.values_list("channel").annotate(Count("pk")))
    return [
        Figures(name, channel.is_on, *found.get(name, (0, None)), given_up.get(name, 0))
        for name, channel in CHANNELS.items()
    ]


@asked
def measure() -> None:
    for each in figures():
        DELIVERIES.labels(each.channel, "waiting").set(each.waiting)
        DELIVERIES.labels(each.channel, "given_up").set(each.given_up)
        OLDEST.labels(each.channel).set(each.oldest.timestamp() if each.oldest else 0)
