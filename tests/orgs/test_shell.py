"""The tags of every page's frame."""

import datetime as dt

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.utils import timezone

from orgs.models import User
from orgs.templatetags import shell

NOW = dt.datetime(2026, 11, 22, 16, 40, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("tags", "undo"),
    [
        ("", None),
        (None, None),
        ("success", None),
        ("undo:/inbox/mark/|", shell.Undo("/inbox/mark/", ())),
        (
            "undo:/inbox/mark/|act=undo-all|mark=1764154833123456",
            shell.Undo("/inbox/mark/", (("act", "undo-all"), ("mark", "1764154833123456"))),
        ),
        ("undo:/x/|a=b=c", shell.Undo("/x/", (("a", "b=c"),))),
    ],
)
def test_an_undo_is_read_from_a_message(tags, undo):
    assert shell.undo_of(Message(constants.SUCCESS, "Done.", extra_tags=tags)) == undo


@pytest.mark.parametrize(
    ("count", "shown"), [(None, "0"), (0, "0"), (7, "7"), (999, "999"), (1000, "999+"), (10**6, "999+")]
)
def test_a_count_is_capped(count, shown):
    assert shell.capped(count) == shown


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
    assert shell.ago(NOW - passed) == shown


def test_below_a_day_as_heading_the_clock_is_enough():
    assert shell.clock_ago(NOW - dt.timedelta(minutes=5)) == "5 min ago"
    assert shell.clock_ago(NOW - dt.timedelta(days=3)) == "16:40"


def test_a_moment_has_its_day_and_its_clock():
    assert shell.moment(NOW - dt.timedelta(days=2)) == "20 Nov, 16:40"
    assert shell.moment(NOW - dt.timedelta(days=730)) == "22 Nov 2024, 16:40"


@pytest.mark.parametrize(
    ("days", "status", "note"),
    [
        (-1, "open", "overdue"),
        (0, "open", "today"),
        (1, "in_progress", "tomorrow"),
        (2, "open", ""),
        (-1, "done", ""),
        (-1, "cancelled", ""),
    ],
)
def test_what_is_urgent_is_said(days, status, note):
    assert shell.due_note(NOW.date() + dt.timedelta(days=days), status) == note
    assert shell.due_note(None, status) == ""


def test_no_date_is_no_day():
    assert shell.day(None) == ""


def test_initials_are_text():
    assert "&lt;B" in shell.avatar(User(username="<b>x"))
    assert "<b" not in shell.avatar(User(username="<b>x")).lower()
    assert shell.avatar(None).endswith("></span>")


def test_an_icon_is_hidden_from_readers():
    assert 'aria-hidden="true"' in shell.icon("bell")
    assert '"><x' not in shell.icon('bell"><x')
