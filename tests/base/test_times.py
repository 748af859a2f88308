"""Times and days as pages show them."""

import datetime as dt

import pytest
from django.utils import timezone

from base.templatetags import times

NOW = dt.datetime(2026, 11, 22, 16, 40, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (dt.timedelta(seconds=-30), "just now"),
        (dt.timedelta(seconds=59), "just now"),
        (dt.timedelta(minutes=1), "1 min ago"),
        (dt.timedelta(minutes=59, seconds=59), "59 min ago"),
        (dt.timedelta(hours=1), "15:40"),
        (dt.timedelta(hours=16), "00:40"),
        (dt.timedelta(hours=17), "21 Nov"),
        (dt.timedelta(days=365), "22 Nov 2025"),
    ],
)
def test_a_time_is_told_as_people_tell_it(passed, shown):
    assert times.ago(NOW - passed) == shown


def test_below_a_day_as_heading_the_clock_is_enough():
    assert times.clock_ago(NOW - dt.timedelta(minutes=5)) == "5 min ago"
    assert times.clock_ago(NOW - dt.timedelta(days=3)) == "16:40"


def test_a_moment_has_its_day_and_its_clock():
    assert times.moment(NOW - dt.timedelta(days=2)) == "20 Nov, 16:40"
    assert times.moment(NOW - dt.timedelta(days=730)) == "22 Nov 2024, 16:40"


def test_no_date_is_no_day():
    assert times.day(None) == ""


@pytest.mark.parametrize("hours", [0, 1, 17, 24 * 400])
@pytest.mark.parametrize("zone", [dt.UTC, dt.timezone(dt.timedelta(hours=-5))])
def test_a_clock_says_the_same_of_many(hours, zone):
    moment = NOW - dt.timedelta(hours=hours)
    with timezone.override(zone):
        assert times.Clock().time(moment) == (
            timezone.localdate(moment),
            times.iso(moment),
            times.moment(moment),
            times.ago(moment),
            times.clock_ago(moment),
        )
