"""The table of acts and states, row by row."""

import datetime as dt

import pytest

from base.errors import Invalid
from inbox.states import INBOX, STEPS, VIEWS, Act, State, check_snooze

NOW = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)

# What each act makes of unread, read, done, snoozed and saved; "." leaves it alone.
TABLE = """
    read    read    .     .     .       .
    unread  .       unread unread unread unread
    done    done    done  .     done    done
    undone  .       .     read  .       .
    snooze  snoozed snoozed snoozed snoozed snoozed
    save    saved   saved saved saved   .
    unsave  .       .     .     .       read
"""


def test_each_act_leads_where_the_table_says():
    rows = {words[0]: words[1:] for line in TABLE.strip().splitlines() if (words := line.split())}
    assert rows == {
        act.value: [STEPS[act].target.word if state in STEPS[act].sources else "." for state in State]
        for act in Act
    }


def test_every_state_can_be_reached_and_left():
    for state in State:
        assert any(step.target == state for step in STEPS.values())
        assert any(state in step.sources and step.target != state for step in STEPS.values())


def test_every_notification_is_in_exactly_one_place():
    places = [VIEWS[name] for name in ("inbox", "done", "snoozed", "saved")]
    assert sorted(state for place in places for state in place) == sorted(State)
    assert VIEWS["unread"] < INBOX


@pytest.mark.parametrize("until", [NOW + SECOND, NOW + dt.timedelta(days=366)])
def test_a_snooze_ends_within_a_year(until):
    check_snooze(until, NOW)


@pytest.mark.parametrize("until", [NOW - SECOND, NOW, NOW + dt.timedelta(days=366, seconds=1)])
def test_no_snooze_ends_in_the_past_or_in_years(until):
    with pytest.raises(Invalid, match="Say until when"):
        check_snooze(until, NOW)
