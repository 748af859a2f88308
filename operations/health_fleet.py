"""What the heartbeats of the last hour say: which processes there are, how each figure stood, who depends on what."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from operations.health_figures import Figure, of_all
from operations.heartbeats import EVERY, KEPT
from operations.models import Heartbeat

MOST_ROWS = 10_000  # 27 processes for an hour
SILENT = dt.timedelta(seconds=3 * EVERY)  # after which a process counts as gone
TOLD_OF = dt.timedelta(minutes=10)  # for so long a process that fell silent is told of
MINUTES = 60

Key = tuple[str, int]  # host and pid


class Fleet(NamedTuple):
    now: dt.datetime
    living: list[Heartbeat]  # the newest row of each process
    silent: list[Heartbeat]  # of those that said nothing more, and no farewell
    rows: list[Heartbeat]


def fleet(now: dt.datetime) -> Fleet:
    """Read it. Two queries; `now` by the database's clock."""
    light = Heartbeat.objects.filter(at__gt=now - KEPT).defer("dependencies")
    rows = list(light.order_by("-pk")[:MOST_ROWS])
    newest: dict[Key, Heartbeat] = {}
    for row in rows:
        newest.setdefault((row.host, row.pid), row)
    last = [row for row in newest.values() if not row.is_last]
    recent = [row.pk for row in last if now - row.at <= TOLD_OF]
    whole = list(Heartbeat.objects.filter(pk__in=recent).order_by("host", "kind", "pid"))
    living = [row for row in whole if now - row.at <= SILENT]
    return Fleet(now, living, [row for row in whole if now - row.at > SILENT], rows)


def history(figure: Figure, fleet: Fleet) -> list[float | None]:
    """Give it for each minute of the last hour, the oldest first; None where nobody knew it."""
    minutes: dict[int, dict[Key, Any]] = defaultdict(dict)
    for row in fleet.rows:
        minutes[int((fleet.now - row.at).total_seconds() // 60)].setdefault((row.host, row.pid), row.figures)
    return [
        of_all(figure, minutes[age].values()).value if age in minutes else None
        for age in reversed(range(MINUTES))
    ]


class Depends(NamedTuple):
    """One dependency as all processes see it; the one that has seen it away for longest counts."""

    name: str
    host: str
    is_up: bool | None
    since: dt.datetime | None
    reason: str
    meanwhile: str
    is_needed: bool
    seen_by: list[str]  # processes that see it like that


def dependencies_of(rows: Iterable[Heartbeat]) -> list[Depends]:
    """List them, those that are away first."""
    said: dict[tuple[str, str], list[tuple[Heartbeat, dict[str, Any]]]] = defaultdict(list)
    for row in rows:
        for each in row.dependencies:
            said[each["name"], each["host"]].append((row, each))
    found = [_together(each) for each in said.values()]
    return sorted(found, key=lambda each: (each.is_up is not False, each.is_up is None, each.name))


def _together(said: list[tuple[Heartbeat, dict[str, Any]]]) -> Depends:
    away = [each for each in said if each[1]["is_up"] is False]
    known = [each for each in said if each[1]["is_up"] is not None]
    counts = away or known or said
    state = min(counts, key=lambda each: each[1]["since"] or "")[1]
    since = dt.datetime.fromisoformat(state["since"]) if state["since"] else None
    return Depends(
        *(state["name"], state["host"], state["is_up"], since, state["reason"], state["meanwhile"]),
        *(state["is_needed"], [str(row) for row, _ in counts]),
    )
