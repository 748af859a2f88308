"""Short times and days, as pages show them: in the reader's zone, and no longer than they must be."""

import datetime as dt
from typing import NamedTuple

from django import template
from django.utils import timezone

register = template.Library()


class Time(NamedTuple):
    """A moment in all the words that rows use."""

    day: dt.date
    iso: str
    moment: str
    ago: str
    clock_ago: str


class Clock:
    """The reader's zone and what time it is there, asked once for all rows of a page."""

    def __init__(self, now: dt.datetime | None = None) -> None:
        self._now = timezone.localtime(now)
        self._today = self._now.date()

    def time(self, moment: dt.datetime) -> Time:
        here = moment.astimezone(self._now.tzinfo)
        date, clock = here.date(), f"{here.hour:02}:{here.minute:02}"
        shown = day(date, self._today)
        minutes_ago = _minutes_ago(self._now - here)
        return Time(
            day=date,
            iso=here.isoformat(),
            moment=f"{shown}, {clock}",
            ago=minutes_ago or (clock if date == self._today else shown),
            clock_ago=minutes_ago or clock,
        )


@register.filter
def ago(moment: dt.datetime, now: dt.datetime | None = None) -> str:
    """Say a time as `just now`, `4 min ago`, `16:40` today, `20 Nov` this year, `20 Nov 2025` before."""
    return Clock(now).time(moment).ago


@register.filter
def clock_ago(moment: dt.datetime, now: dt.datetime | None = None) -> str:
    """Say `4 min ago`, then the time of day: for a list whose headings name the day."""
    return Clock(now).time(moment).clock_ago


def iso(moment: dt.datetime) -> str:
    """Write a time for programs, in the reader's zone."""
    return Clock().time(moment).iso


@register.filter
def clock(moment: dt.datetime) -> str:
    """Say `16:40`."""
    return f"{timezone.localtime(moment):%H:%M}"


@register.filter
def moment(value: dt.datetime) -> str:
    """Say `20 Nov, 10:02`, with the year when it is another one."""
    return Clock().time(value).moment


@register.filter
def when(value: dt.datetime, now: dt.datetime | None = None) -> str:
    """Say `10:02` today, and `20 Nov, 10:02` on any other day."""
    is_today = timezone.localtime(value).date() == timezone.localtime(now).date()
    return clock(value) if is_today else moment(value)


@register.filter
def day(date: dt.date | None, today: dt.date | None = None) -> str:
    """Say `24 Nov`, with the year when it is another one."""
    if date is None:
        return ""
    today = today or timezone.localdate()
    return f"{date.day} {date:%b}" if date.year == today.year else f"{date.day} {date:%b} {date.year}"


def _minutes_ago(passed: dt.timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes >= 60:
        return ""
    return f"{minutes} min ago" if minutes > 0 else "just now"
