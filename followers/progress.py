"""How far a follower has come in all logs, how fast it goes on, and when it will have taken everything: of long work,
such as filling a new table from the logs."""

import time
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import Greatest

from events.models import LogHead
from followers.lag import behind


class Progress(NamedTuple):
    follower: str
    taken: int  # events
    events: int
    rate: float  # events a second

    @property
    def percent(self) -> float:
        return 100 * self.taken / self.events if self.events else 100.0

    def words(self) -> str:
        said = f"{self.follower}: {self.percent:.1f}% of {self.events:,} events taken"
        if self.rate <= 0:
            return f"{said}, and none meanwhile"
        left = (self.events - self.taken) / self.rate
        return f"{said}, {self.rate:,.0f} a second, about {left:,.0f} s to go"


def measured(followers: Collection[str], seconds: float) -> list[Progress]:
    """Look twice, with so many seconds between."""
    before, began = [_counted(name) for name in followers], time.monotonic()
    time.sleep(seconds)
    return [
        Progress(name, taken, events, (taken - was) / max(time.monotonic() - began, 1e-6))
        for name, (was, _), (taken, events) in zip(followers, before, map(_counted, followers), strict=True)
    ]


def _counted(name: str) -> tuple[int, int]:
    events = LogHead.objects.aggregate(all=Sum("position"))["all"] or 0
    missing = behind(name).aggregate(all=Sum(Greatest(F("position") - F("taken"), 0)))["all"] or 0
    return events - missing, events
