"""What the forms of the page of preferences say, and which zones they offer."""

import datetime as dt
import zoneinfo
from functools import cache
from typing import NamedTuple

from django.http import HttpRequest, QueryDict

from base.errors import Invalid
from outbound.preference_matrix import NAMES
from preferences.hours import UTC, Hours
from preferences.kinds import Channel, Kind, Value


class Chosen(NamedTuple):
    channel: Channel
    kind: Kind
    value: Value


def switches_in(form: QueryDict) -> list[Chosen]:
    """Read what was changed: the one switch that `only` names, or, without scripts, all that differ from what the page
    showed. Raises Invalid."""
    only = form.get("only", "")
    if only:
        return [_chosen(form, only)]
    shown = dict(pair.split("=", 1) for pair in form.get("shown", "").split() if "=" in pair)
    changed = [_chosen(form, name) for name in shown if name in NAMES]
    return [each for each in changed if shown[f"{each.channel}-{each.kind}"] != each.value]


def _chosen(form: QueryDict, name: str) -> Chosen:
    if name not in NAMES:
        raise Invalid("There is no such switch.")
    channel, kind = NAMES[name]
    said = form.get(name, Value.OFF)
    if said not in Value.__members__.values():
        raise Invalid("That cannot be chosen there.")
    return Chosen(channel, kind, Value(said))


def hours_in(form: QueryDict) -> Hours:
    """Read a schedule. Raises Invalid."""
    return Hours(
        zone=form.get("offered") or form.get("zone", ""),
        begins=_time(form, "begins"),
        ends=_time(form, "ends"),
        days=frozenset(int(day) for day in form.getlist("days") if day in set("0123456")),
        digest_at=_time(form, "digest_at"),
        quiet="quiet" in form,
    )


def _time(form: QueryDict, name: str) -> dt.time:
    try:
        return dt.datetime.strptime(form.get(name, "")[:5], "%H:%M").time()  # noqa: DTZ007 - a time of any day
    except ValueError:
        raise Invalid("Write times as hours and minutes, such as 09:00.") from None


def zones(kept: str) -> list[str]:
    """List the names of zones that a person may live in, with the one that is kept, though it be none any more."""
    return sorted({name for name in _zones() if "/" in name} | {UTC, kept})


def offered_zone(request: HttpRequest, hours: Hours) -> str:
    """Name the zone that the browser says it is in, where it is another than the person's; nothing where it is not."""
    zone = request.COOKIES.get(ZONE_COOKIE, "")
    return zone if zone in _zones() and zone != hours.zone else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


ZONE_COOKIE = "timezone"  # static/js/parts/time_zone.js writes it
