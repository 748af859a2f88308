"""When a snooze ends: the moments that a menu offers, in the reader's time zone, and what they type themselves."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateformat import format as formatted

from base.errors import Invalid
from base.moments import moment_in
from inbox.states import check_snooze

MORNING, AFTERNOON = dt.time(9), dt.time(14)
LATE_AFTERNOON = dt.time(17)  # once it is 14:00
UNREADABLE = "Say until when to snooze: until is a time with its zone, or one of {}."
NOT_TYPED = "Say until when to snooze: pick a day and a time."


class Choice(NamedTuple):
    word: str
    label: str
    when: str  # as a menu says the moment


def _at(day: dt.date, time: dt.time, now: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(day, time, now.tzinfo)


def _hour(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(hours=1)


def _afternoon(now: dt.datetime) -> dt.datetime:
    """Find 14:00 today, or 17:00; once that is past, tomorrow's 14:00."""
    for time in (AFTERNOON, LATE_AFTERNOON):
        if now.time() < time:
            return _at(now.date(), time, now)
    return _at(now.date() + dt.timedelta(days=1), AFTERNOON, now)


def _tomorrow(now: dt.datetime) -> dt.datetime:
    return _at(now.date() + dt.timedelta(days=1), MORNING, now)


def _monday(now: dt.datetime) -> dt.datetime:
    return _at(now.date() + dt.timedelta(days=7 - now.weekday()), MORNING, now)


WORDS: Mapping[str, tuple[str, Callable[[dt.datetime], dt.datetime]]] = {
    "hour": ("In an hour", _hour),
    "afternoon": ("This afternoon", _afternoon),
    "tomorrow": ("Tomorrow", _tomorrow),
    "monday": ("On Monday", _monday),
}


def choices() -> list[Choice]:
    """List what a menu offers now; where two are the same moment, or the afternoon is over, the first says it."""
    now = timezone.localtime()
    offered: dict[dt.datetime, Choice] = {}
    for word, (label, moment) in WORDS.items():
        until = moment(now)
        if word == "afternoon" and until.date() != now.date():
            continue
        offered.setdefault(until, Choice(word, label, formatted(until, "D H:i")))
    return list(offered.values())


def until_of(said: str, own: str = "") -> dt.datetime:
    """Read a word of WORDS, `own` with a time in the reader's zone as a form has it, or a time with its zone. Raises
    Invalid where it is none, or none to come."""
    now = timezone.localtime()
    if said in WORDS:
        return WORDS[said][1](now).astimezone(dt.UTC)
    until = _own(own) if said == "own" else _with_zone(said)
    check_snooze(until, now)
    return until


def _own(typed: str) -> dt.datetime:
    try:
        moment = moment_in(typed)
        if moment is not None:
            here = moment if moment.tzinfo else timezone.make_aware(moment)
            return here.astimezone(dt.UTC)
    except OverflowError:
        pass  # the year 0, or the last one
    raise Invalid(NOT_TYPED)


def _with_zone(said: str) -> dt.datetime:
    try:
        if (moment := moment_in(said)) and moment.tzinfo:
            return moment.astimezone(dt.UTC)
    except OverflowError:
        pass
    raise Invalid(UNREADABLE.format(", ".join(WORDS)))
