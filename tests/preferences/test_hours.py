"""When people are reached: working hours, days, zones, and the clock's own jumps."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.hours import EVERY_DAY, WORKING_DAYS, Hours, allowed_from, next_digest, zone_is_known

VIENNA = "Europe/Vienna"
OFFICE = Hours(VIENNA, quiet=True)
NIGHT = OFFICE._replace(begins=dt.time(22), ends=dt.time(6))


def at(text: str, zone: str = VIENNA) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("hours", "moment", "allowed"),
    [
        (OFFICE, "2026-11-25T10:00", "2026-11-25T10:00"),  # a Wednesday
        (OFFICE, "2026-11-25T07:00", "2026-11-25T09:00"),
        (OFFICE, "2026-11-25T17:59", "2026-11-25T17:59"),
        (OFFICE, "2026-11-25T18:00", "2026-11-26T09:00"),
        (OFFICE, "2026-11-27T20:00", "2026-11-30T09:00"),  # from Friday to Monday
        (OFFICE, "2026-11-28T12:00", "2026-11-30T09:00"),
        (OFFICE._replace(quiet=False), "2026-11-28T03:00", "2026-11-28T03:00"),
        (OFFICE._replace(days=frozenset()), "2026-11-28T12:00", "2026-11-28T12:00"),
        (OFFICE._replace(days=frozenset({6})), "2026-11-30T12:00", "2026-12-06T09:00"),
        (OFFICE._replace(ends=dt.time(9)), "2026-11-25T03:00", "2026-11-25T03:00"),  # Tuesday's whole day
        (OFFICE._replace(ends=dt.time(9), days=frozenset({1})), "2026-11-25T03:00", "2026-11-25T03:00"),
        # Over midnight it is the day on which they begin that counts.
        (NIGHT, "2026-11-25T23:00", "2026-11-25T23:00"),
        (NIGHT, "2026-11-26T05:00", "2026-11-26T05:00"),
        (NIGHT, "2026-11-26T07:00", "2026-11-26T22:00"),
        (NIGHT, "2026-11-28T05:00", "2026-11-28T05:00"),  # Friday's night
        (NIGHT, "2026-11-30T05:00", "2026-11-30T22:00"),  # Sunday's is none
    ],
)
def test_what_comes_outside_of_the_hours_waits_for_them(hours, moment, allowed):
    assert allowed_from(at(moment), hours) == at(allowed)


@pytest.mark.parametrize(
    ("begins", "ends", "moment", "allowed"),
    [
        # On 29 March 2026 the clock goes from 2:00 to 3:00.
        ("02:30", "18:00", "2026-03-29T00:00+01:00", "2026-03-29T03:30+02:00"),
        ("22:00", "02:30", "2026-03-29T03:20+02:00", "2026-03-29T03:20+02:00"),
        ("22:00", "02:30", "2026-03-29T03:40+02:00", "2026-03-29T22:00+02:00"),
        # On 25 October 2026 it goes from 3:00 back to 2:00.
        ("02:30", "18:00", "2026-10-25T00:00+02:00", "2026-10-25T02:30+02:00"),
        ("22:00", "02:30", "2026-10-25T02:20+01:00", "2026-10-25T02:20+01:00"),
        ("22:00", "02:30", "2026-10-25T02:40+01:00", "2026-10-25T22:00+01:00"),
    ],
)
def test_hours_that_the_clock_skips_and_repeats(begins, ends, moment, allowed):
    hours = Hours(VIENNA, dt.time.fromisoformat(begins), dt.time.fromisoformat(ends), EVERY_DAY, quiet=True)
    assert allowed_from(dt.datetime.fromisoformat(moment), hours) == dt.datetime.fromisoformat(allowed)


@pytest.mark.parametrize(
    ("hours", "moment", "due"),
    [
        (OFFICE, "2026-11-25T08:00", "2026-11-25T09:00"),
        (OFFICE, "2026-11-25T09:00", "2026-11-26T09:00"),  # what comes with it waits for the next
        (OFFICE, "2026-11-27T09:01", "2026-11-30T09:00"),
        (OFFICE._replace(quiet=False), "2026-11-28T12:00", "2026-11-30T09:00"),
        (OFFICE._replace(digest_at=dt.time(7)), "2026-11-25T06:00", "2026-11-25T09:00"),
        (OFFICE._replace(digest_at=dt.time(20)), "2026-11-28T12:00", "2026-11-30T09:00"),
        (OFFICE._replace(digest_at=dt.time(7), quiet=False), "2026-11-25T06:00", "2026-11-25T07:00"),
        (OFFICE._replace(days=frozenset({2})), "2026-11-25T09:30", "2026-12-02T09:00"),
        (OFFICE._replace(days=frozenset()), "2026-11-28T06:00", "2026-11-28T09:00"),
    ],
)
def test_the_next_digest_comes_at_the_hour_of_a_working_day(hours, moment, due):
    assert next_digest(at(moment), hours) == at(due)


def test_a_repeated_hour_has_one_digest():
    hours = Hours(VIENNA, days=EVERY_DAY, digest_at=dt.time(2, 30))
    first = next_digest(dt.datetime(2026, 10, 25, tzinfo=dt.UTC), hours)
    assert first.isoformat() == "2026-10-25T00:30:00+00:00"
    assert next_digest(first, hours).isoformat() == "2026-10-26T01:30:00+00:00"


def test_a_skipped_hour_has_one_digest_too():
    hours = Hours(VIENNA, days=EVERY_DAY, digest_at=dt.time(2, 30))
    skipped = next_digest(dt.datetime(2026, 3, 29, tzinfo=dt.UTC), hours)
    assert skipped == dt.datetime.fromisoformat("2026-03-29T03:30+02:00")
    assert next_digest(skipped, hours) == dt.datetime.fromisoformat("2026-03-30T02:30+02:00")


def test_a_day_that_a_zone_skipped():
    hours = Hours("Pacific/Apia", days=EVERY_DAY, quiet=True)  # had no 30 December 2011
    evening = dt.datetime(2011, 12, 29, 20, tzinfo=ZoneInfo("Pacific/Apia"))
    assert allowed_from(evening, hours) == dt.datetime(2011, 12, 31, 9, tzinfo=ZoneInfo("Pacific/Apia"))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "../../etc/passwd", "/etc/passwd", "a\0b"])
def test_a_zone_that_vanished_is_utc(name):
    assert not zone_is_known(name)
    moment = dt.datetime(2026, 11, 25, 3, tzinfo=dt.UTC)
    assert allowed_from(moment, OFFICE._replace(zone=name)) == dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)


times = st.times(max_value=dt.time(23, 59)).map(lambda time: time.replace(second=0, microsecond=0))
some_hours = st.builds(
    Hours,
    st.sampled_from([VIENNA, "UTC", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "gone"]),
    times,
    times,
    st.frozensets(st.integers(0, 6)),
    times,
    st.booleans(),
)
moments = st.integers(1_262_304_000, 1_893_456_000).map(
    lambda second: dt.datetime.fromtimestamp(second, dt.UTC)
)


@given(moments, some_hours)
def test_waiting_ends_within_days_and_what_may_go_then_need_not_wait_again(moment, hours):
    allowed = allowed_from(moment, hours)
    assert moment <= allowed <= moment + dt.timedelta(days=8)
    assert allowed_from(allowed, hours) == allowed
    due = next_digest(moment, hours)
    assert moment < due <= moment + dt.timedelta(days=9)
    assert allowed_from(due, hours) == due
    assert next_digest(due - dt.timedelta(microseconds=1), hours) <= due


@given(moments, st.timedeltas(dt.timedelta(), dt.timedelta(days=9)), some_hours)
def test_who_comes_later_never_goes_earlier(moment, later, hours):
    assert allowed_from(moment, hours) <= allowed_from(moment + later, hours)
    assert next_digest(moment, hours) <= next_digest(moment + later, hours)


def test_a_person_who_chose_nothing():
    assert Hours() == Hours("UTC", dt.time(9), dt.time(18), WORKING_DAYS, dt.time(9), False)
