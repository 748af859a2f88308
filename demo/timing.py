"""When things happened: working days counted from today, working hours, and pauses as people make them. Pure."""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby, pairwise
from random import Random

from demo.script import Step, Story

SATURDAY = 5  # as date.weekday() counts
MORNING = dt.time(9, 0)
WORKING_HOURS = dt.timedelta(hours=8, minutes=30)


def working_day(today: dt.date, offset: int) -> dt.date:
    """Find the working day so many before (negative) or after today. 0 is today, or Monday at a weekend."""
    day = today
    for _ in range(abs(offset)):
        day = _weekday(day + dt.timedelta(days=1 if offset > 0 else -1), back=offset < 0)
    return _weekday(day, back=False)


def moments(story: Story, now: dt.datetime) -> list[dt.datetime]:
    """Find the moment of each step, in the zone of `now`: the same for the same `now`, whatever other stories
    say."""
    random = Random(story.key)  # noqa: S311 - pauses, not secrets
    found: list[dt.datetime] = []
    for days, group in groupby(story.steps, key=lambda step: step.when.days):
        steps = list(group)
        if days == 0:
            found += [now - dt.timedelta(minutes=step.when.minutes) for step in steps]
        else:
            found += _one_day(working_day(now.date(), -days), steps, now.tzinfo, random)
    return found


def _one_day(
    day: dt.date, steps: list[Step], zone: dt.tzinfo | None, random: Random
) -> Iterator[dt.datetime]:
    """Find the moments of one day, from the time of the first step, or from one that leaves room for the
    others."""
    pauses = [_pause(before, step, random) for before, step in pairwise(steps)]
    if steps[0].when.time is not None:
        at = dt.datetime.combine(day, steps[0].when.time, zone) + _seconds(random, 0, 59)
    else:
        room = WORKING_HOURS - sum(pauses, start=dt.timedelta())
        at = dt.datetime.combine(day, MORNING, zone) + _seconds(random, 0, int(room.total_seconds()))
    yield at
    for pause in pauses:
        at += pause
        yield at


def _pause(before: Step, step: Step, random: Random) -> dt.timedelta:
    """Pause between steps: clicks follow each other; another person, or something to say, takes its time."""
    if before.actor != step.actor:
        return _seconds(random, 4 * 60, 45 * 60)
    return _seconds(random, 6 * 60, 50 * 60) if step.verb == "says" else _seconds(random, 20, 150)


def _weekday(day: dt.date, *, back: bool) -> dt.date:
    while day.weekday() >= SATURDAY:
        day += dt.timedelta(days=-1 if back else 1)
    return day


def _seconds(random: Random, least: int, most: int) -> dt.timedelta:
    return dt.timedelta(seconds=random.randint(least, most))
