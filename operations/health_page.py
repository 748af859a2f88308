"""The Health page of the administration: what is wrong, the ten figures, and what they are made of. It asks the
database for rows that others wrote; whoever looks at it costs nothing elsewhere."""

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from followers.lag import Lag, lag_of
from followers.register import FOLLOWERS
from operations import health_faults as faults
from operations import lookers
from operations.health_figures import TEN, Shown, of_all, seconds
from operations.health_fleet import Depends, Fleet, dependencies_of, fleet, history
from operations.heartbeats import this_process
from operations.models import Heartbeat
from outbound.figures import Figures, figures
from webhooks.standing import Totals, totals

SOCKET = f"{settings.PATH_PREFIX}/ws/users/me/notifications/"
LAST_RUNS = ("audit_age", "audit_is_clean", "head_age")  # of `operations.ten: Ten`
HEIGHT, STEP = 28, 4  # of a history's bars, in its own units


class Bar(NamedTuple):
    x: int
    y: float
    height: float
    is_bad: bool


class Card(NamedTuple):
    """One of the ten as it is shown."""

    shown: Shown
    bars: list[Bar]
    told: str  # the history for who does not see it
    processes: list[tuple[str, str]]


@require_safe
def health_page(request: HttpRequest) -> HttpResponse:
    """Show it, or (`?part`) the part of it that changes."""
    lookers.note(cast(int, request.user.pk))  # of staff: nobody else comes here
    context = _shown(database_now())
    if "part" in request.GET:
        return render(request, "operations/_health.html", context)
    frame = admin.site.each_context(request) | {"title": "Health", "socket": SOCKET}
    return render(request, "operations/health.html", frame | context)


def _shown(now: dt.datetime) -> dict[str, Any]:
    seen = fleet(now)
    cards = [_card(figure, seen) for figure in TEN]
    here = this_process()  # what it knows itself stands in no row while nothing can be written
    depends = dependencies_of([here, *(row for row in seen.living if str(row) != str(here))])
    audit = _last_runs(row.figures for row in seen.living)
    lags = [lag_of(name) for name in FOLLOWERS]
    deliveries, webhooks = figures(), totals()
    return {
        "now": now,
        "faults": _faults(seen, depends, [card.shown for card in cards], audit, lags, deliveries, webhooks),
        "cards": cards,
        "depends": [_dependency(each, now) for each in depends if each.is_up is not None],
        "processes": [_process(row, now) for row in seen.living],
        "lags": [(lag, seconds((now - lag.oldest).total_seconds()) if lag.oldest else "") for lag in lags],
        "deliveries": [*(each.words(now) for each in deliveries), webhooks.words(now)],
        "audit": _audit(audit),
    }


def _faults(
    seen: Fleet,
    depends: list[Depends],
    shown: list[Shown],
    audit: Mapping[str, Any],
    lags: list[Lag],
    deliveries: list[Figures],
    webhooks: Totals,
) -> list[faults.Fault]:
    found = chain(
        faults.of_dependencies([each for each in depends if each.is_up is False], seen.now),
        faults.of_silence(seen.silent, seen.now),
        faults.of_figures(each for each in shown if each.figure.name != "Channel layer"),  # said above
        faults.of_audit(audit.get("audit_is_clean")),
        faults.of_followers(
            {lag.follower: lag.oldest for lag in lags if lag.oldest and lag.is_late(seen.now)}, seen.now
        ),
        faults.of_deliveries({each.channel: each.oldest for each in deliveries if each.is_on}, seen.now),
        faults.of_webhooks(webhooks.stopped, webhooks.oldest, seen.now),
        faults.of_clocks(seen.living),
        faults.of_releases(seen.living),
    )
    return faults.in_order(found)


def _card(figure: Any, seen: Fleet) -> Card:
    values = history(figure, seen)
    known = [value for value in values if value is not None]
    top = max(known, default=0.0) or 1.0
    bars = [
        Bar(STEP * minute, HEIGHT - height, height, figure.is_bad(value))
        for minute, value in enumerate(values)
        if value is not None and (height := max(1.0, round(HEIGHT * value / top, 1)))
    ]
    told = (
        f"{figure.words(min(known))} to {figure.words(max(known))} in the last hour"
        if known
        else "no history"
    )
    own = [(str(row), of_all(figure, [row.figures]).words) for row in seen.living]
    return Card(of_all(figure, [row.figures for row in seen.living]), bars, told, own)


def _dependency(each: Depends, now: dt.datetime) -> dict[str, Any]:
    state = "works" if each.is_up else "fails"
    long = seconds((now - each.since).total_seconds()) if each.since else ""
    return each._asdict() | {"state": state, "long": long, "count": len(each.seen_by)}


def _process(row: Heartbeat, now: dt.datetime) -> dict[str, Any]:
    ahead = "in step" if abs(row.clock_ahead) < 0.5 else f"{row.clock_ahead:+.1f} s"
    return {"row": row, "up": seconds((now - row.started_at).total_seconds()), "clock": ahead}


def _last_runs(processes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Give what they know of the last audit and the last exported head: all of them say the same."""
    said: dict[str, Any] = {}
    for each in processes:
        said |= {name: each[name] for name in LAST_RUNS if each.get(name) is not None}
    return said


def _audit(said: Mapping[str, Any]) -> dict[str, str]:
    """Say how old the last audit and the last exported head are, and how the audit ended."""
    return {
        "age": f"{seconds(said['audit_age'])} ago" if "audit_age" in said else "",
        "result": {True: "nothing found", False: "with findings"}.get(said.get("audit_is_clean"), ""),  # type: ignore[arg-type]
        "head": f"{seconds(said['head_age'])} ago" if "head_age" in said else "",
    }


def database_now() -> dt.datetime:
    """Give the moment by the clock that the rows were written by."""
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment
