"""Events per day by action, as bars: one row of bars for each action, so that nothing is told by colour."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Count, DateField, Func

from events.audit.filters import Events, action_label, day_end, day_start

USUAL_DAYS = 30
MOST_DAYS = 90  # bounds the query: it counts in an index over (created_at, action)
STEP, BAR, HEIGHT = 10, 8, 100  # in the drawing's own units; the page stretches it
LEAST = 5  # the height of a single event beside a day of thousands

Counts = dict[tuple[dt.date, str], int]
Link = Callable[[dict[str, str]], str]  # a query string with these filters added


class Bar(NamedTuple):
    x: int
    y: int
    height: int
    day: dt.date
    events: int


class Row(NamedTuple):
    """`url` leads to the list of this action only."""

    name: str
    label: str
    total: int
    peak: Bar
    bars: list[Bar]
    url: str

    @property
    def shown(self) -> str:
        return f"{self.total:,}"


class Day(NamedTuple):
    date: dt.date
    counts: list[int]  # the total, then one for each row
    url: str


class Chart(NamedTuple):
    total: Row
    actions: list[Row]
    days: list[Day]  # newest first: the same figures as a table
    width: int

    @property
    def first(self) -> dt.date:
        return self.days[-1].date

    @property
    def last(self) -> dt.date:
        return self.days[0].date


def chart_of(events: Events, since: dt.date | None, until: dt.date | None, link: Link) -> Chart | None:
    """The newest days of the period, MOST_DAYS at most; the last USUAL_DAYS where none is asked for. None when nothing
    happened in them."""
    days = _days(since, until)
    counts = _counts(events, days)
    if not counts:
        return None
    per_day, per_action = Counter[dt.date](), Counter[str]()
    for (day, action), count in counts.items():
        per_day[day] += count
        per_action[action] += count
    names = [action for action, _ in per_action.most_common()]
    highest = max(counts.values())
    actions = [
        _row(name, action_label(name), {day: counts.get((day, name), 0) for day in days}, highest, link)
        for name in names
    ]
    table = [_day(day, [per_day[day], *(counts.get((day, name), 0) for name in names)], link) for day in days]
    total = _row("", "All events", per_day, max(per_day.values()), link)
    return Chart(total, actions, table[::-1], len(days) * STEP)


def _days(since: dt.date | None, until: dt.date | None) -> list[dt.date]:
    today = dt.datetime.now(dt.UTC).date()
    last = min(until or today, today)
    first = max(since or last - dt.timedelta(USUAL_DAYS - 1), last - dt.timedelta(MOST_DAYS - 1))
    return [first + dt.timedelta(number) for number in range((last - first).days + 1)]


def _counts(events: Events, days: list[dt.date]) -> Counts:
    if not days:
        return {}
    period = events.filter(created_at__gte=day_start(days[0]), created_at__lte=day_end(days[-1]))
    # Both databases keep and show times in UTC, so DATE() is the day in UTC, without a call of Python for each row.
    day = Func("created_at", function="DATE", output_field=DateField())
    rows = period.order_by().values_list(day, "action").annotate(Count("pk"))
    return {(day, action): count for day, action, count in rows}


def _row(name: str, label: str, per_day: dict[dt.date, int], highest: int, link: Link) -> Row:
    bars = [
        _bar(place, day, per_day[day], highest) for place, day in enumerate(sorted(per_day)) if per_day[day]
    ]
    peak = max(bars, key=lambda bar: bar.events)
    return Row(name, label, sum(per_day.values()), peak, bars, link({"action": name}) if name else "")


def _bar(place: int, day: dt.date, count: int, highest: int) -> Bar:
    height = max(LEAST, round(HEIGHT * count / highest))
    return Bar(place * STEP + (STEP - BAR) // 2, HEIGHT - height, height, day, count)


def _day(day: dt.date, counts: list[int], link: Link) -> Day:
    return Day(day, counts, link({"since": day.isoformat(), "until": day.isoformat()}))
