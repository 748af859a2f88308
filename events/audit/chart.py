"""Events per day by action, as bars: one row of bars for each action, so that nothing is told by colour."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Count, DateField, Func

from events.audit.filters import Events, day_end, day_start
from events.telling import action_label

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
    per_action = Counter[str]()
    for (_, action), count in counts.items():
        per_action[action] += count
    names = [action for action, _ in per_action.most_common()]
    columns = [[counts.get((day, name), 0) for day in days] for name in names]
    totals = [sum(row) for row in zip(*columns, strict=True)]
    highest = max(counts.values())
    return Chart(
        _row("", "All events", days, totals, max(totals), link),
        [
            _row(name, action_label(name), days, column, highest, link)
            for name, column in zip(names, columns, strict=True)
        ],
        [_day(day, row, link) for day, *row in zip(days, totals, *columns, strict=True)][::-1],
        len(days) * STEP,
    )


def _days(since: dt.date | None, until: dt.date | None) -> list[dt.date]:
    today = dt.datetime.now(dt.UTC).date()
    last = min(until or today, today)
    if last.toordinal() <= MOST_DAYS:  # the year 1: nothing, and nothing before it can be said
        return []
    first = max(since or last - dt.timedelta(USUAL_DAYS - 1), last - dt.timedelta(MOST_DAYS - 1))
    return [first + dt.timedelta(number) for number in range((last - first).days + 1)]


def _counts(events: Events, days: list[dt.date]) -> Counts:
    if not days:
        return {}
    period = events.filter(created_at__gte=day_start(days[0]), created_at__lte=day_end(days[-1]))
    # Both databases keep and show times in UTC, so DATE() is the day in UTC, without a call of Python for each row.
    day = Func("created_at", function="DATE", output_field=DateField())
    rows = period.order_by().values_list(day, "action").annotate(count=Count("*"))
    return {(day, action): count for day, action, count in rows}


def _row(name: str, label: str, days: list[dt.date], counts: list[int], highest: int, link: Link) -> Row:
    bars = [
        _bar(place, day, count, highest)
        for place, (day, count) in enumerate(zip(days, counts, strict=True))
        if count
    ]
    peak = max(bars, key=lambda bar: bar.events)
    return Row(name, label, sum(counts), peak, bars, link({"action": name}) if name else "")


def _bar(place: int, day: dt.date, count: int, highest: int) -> Bar:
    height = max(LEAST, round(HEIGHT * count / highest))
    return Bar(place * STEP + (STEP - BAR) // 2, HEIGHT - height, height, day, count)


def _day(day: dt.date, counts: list[int], link: Link) -> Day:
    return Day(day, counts, link({"since": day.isoformat(), "until": day.isoformat()}))
