"""When a person is to be reached: their working hours and days in their zone, and the hour of their digest. Pure.

An hour that the clock skips comes as much later as it skips; of one that it repeats, what begins in it begins the first
time, and what ends in it ends the second.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

UTC = "UTC"
EVERY_DAY = frozenset(range(7))  # Monday is 0
WORKING_DAYS = frozenset(range(5))
_DAY = dt.timedelta(days=1)
_LOOKED_AHEAD = 9  # days: past a week that holds one working day, whatever the zone
_LOOKED_BACK = 9  # days: a digest waits for as long as that until its hours begin


class Hours(NamedTuple):
    """`begins` to `ends` on `days`, over midnight where it ends first, the whole day where the two are one. Who singles
    out no day means each. Without `quiet` nothing is held back, and days are those of the digest alone."""

    zone: str = UTC
    begins: dt.time = dt.time(9)
    ends: dt.time = dt.time(18)
    days: frozenset[int] = WORKING_DAYS
    digest_at: dt.time = dt.time(9)
    quiet: bool = False


def allowed_from(moment: dt.datetime, hours: Hours) -> dt.datetime:
    """Find the first moment from this one on at which mail and desktop may reach the person."""
    if not hours.quiet:
        return moment
    for begins, ends in _openings(moment, hours):
        if moment < ends:
            return max(moment, begins)
    return moment  # an opening of no length on every day: better told at once than never


def next_digest(moment: dt.datetime, hours: Hours) -> dt.datetime:
    """Find when the next digest goes after this moment: at the person's hour of a working day, or when their hours
    begin after that."""
    zone = zone_of(hours)
    for day in _days(moment.astimezone(zone).date(), hours):
        due = allowed_from(_at(day, hours.digest_at, zone), hours)
        if due > moment:
            return due
    raise AssertionError("a week has a working day")


def zone_of(hours: Hours) -> zoneinfo.ZoneInfo:
    """Find the person's zone; UTC where its name is no longer one."""
    return _zone(hours.zone) or zoneinfo.ZoneInfo(UTC)


def zone_is_known(name: str) -> bool:
    """Say whether it is the name of a zone. Countries rename and give up zones, so what was one may be none today."""
    return _zone(name) is not None


@lru_cache(maxsize=1024)
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None  # gone, or never one: a name is a path of a file, so it may also be a folder


def _openings(moment: dt.datetime, hours: Hours) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """List when the person's hours begin and end, in order, from the one that may still be open."""
    zone = zone_of(hours)
    over_midnight = _DAY if hours.ends <= hours.begins else dt.timedelta()
    for day in _days(moment.astimezone(zone).date(), hours):
        begins, ends = _at(day, hours.begins, zone), _at(day + over_midnight, hours.ends, zone, last=True)
        if begins < ends:
            yield begins, ends


def _days(around: dt.date, hours: Hours) -> Iterator[dt.date]:
    days = hours.days & EVERY_DAY or EVERY_DAY
    for ahead in range(-_LOOKED_BACK, _LOOKED_AHEAD + 1):
        day = around + ahead * _DAY
        if day.weekday() in days:
            yield day


def _at(day: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo, *, last: bool = False) -> dt.datetime:
    """Find the moment of a local time, in UTC. `last`: of two, the later. Before a skipped hour's offset changes (fold
    is 0) its times come as much later as it skips."""
    local = dt.datetime.combine(day, time.replace(tzinfo=None))
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    return max(first, second) if last else first
