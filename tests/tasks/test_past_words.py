"""Differences in words."""

import datetime as dt

import pytest

from events.subjects import known_actions
from tasks.history_forms import action_label
from tasks.past import ERASED, Difference
from tasks.past_words import ERASED_TEXT, in_words
from tasks.state import SHOWN, TaskState


@pytest.mark.parametrize(
    ("difference", "before", "after"),
    [
        (("status", "open", "in_progress"), ("Open", False), ("In progress", False)),
        (("status", "open", "frozen"), ("Open", False), ("frozen", False)),
        (("assignee_id", None, 5), ("nobody", True), ("Carol", False)),
        (("assignee_id", 6, None), ("somebody", False), ("nobody", True)),
        (("due_date", None, dt.date(2026, 11, 3)), ("nothing", True), ("3 Nov 2026", False)),
        (("archived", None, True), ("no", False), ("yes", False)),
        (("description", ERASED, "New"), (ERASED_TEXT, True), ("New", False)),
    ],
)
def test_a_difference_reads_as_people_say_it(difference, before, after):
    (change,) = in_words([Difference(*difference)], {5: "Carol"})
    assert (tuple(change.before), tuple(change.after)) == (before, after)
    assert change.label == SHOWN[change.field]


def test_every_field_that_is_shown_is_one_of_the_state():
    assert set(SHOWN) <= set(TaskState.__struct_fields__)


def test_every_action_can_be_asked_for_by_name():
    labels = [action_label(action) for action in known_actions()]
    assert {"Created", "Renamed", "Described", "Status changed"} <= set(labels)
