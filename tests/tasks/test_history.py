"""The past of a task as a pure function of its events."""

import datetime as dt

import pytest

from events.facts import Unknown
from tasks import facts
from tasks.facts import Commented
from tasks.history import ERASED, at_version, described, differences, version_at
from tests.tasks.given import ALICE, BOB, CREATED, START, past

EVENTS = past(
    facts.TaskCreated("Fix the door", "It squeaks."),
    (BOB, facts.AssigneeChanged(None, BOB)),
    facts.TaskRenamed("Fix the door", "Mend the door"),
    Commented("Hm."),
    facts.TaskDescribed("It squeaks a lot."),
    facts.TaskArchived(),
    facts.TaskRestored(),
)


def changed(events, version):
    return [
        tuple(difference)
        for difference in differences(at_version(events, version - 1), at_version(events, version))
    ]


def test_a_version_shows_what_had_happened_by_then_and_no_more():
    then = at_version(EVENTS, 3).state
    assert (then.version, then.title, then.assignee_id) == (3, "Mend the door", BOB)
    assert (then.description, then.archived, then.commenters) == ("It squeaks.", False, [])


@pytest.mark.parametrize("version", [0, -3])
def test_before_the_first_event_there_is_nothing(version):
    assert at_version(EVENTS, version) is None


def test_beyond_the_last_event_it_is_as_it_is_now():
    assert at_version(EVENTS, 99) == at_version(EVENTS, 7)


@pytest.mark.parametrize(
    ("seconds", "version"),
    [(-1, 0), (0, 1), (59, 1), (60, 2), (61, 2), (6 * 60, 7), (10**6, 7)],
)
def test_a_moment_is_after_all_that_had_happened_by_then(seconds, version):
    assert version_at(EVENTS, START + dt.timedelta(seconds=seconds)) == version


def test_what_happened_at_the_same_moment_is_all_in_it():
    together = past(CREATED, facts.AssigneeChanged(None, BOB))
    object.__setattr__(together[1], "created_at", START)
    assert version_at(together, START) == 2


def test_each_event_differs_by_what_it_changed():
    assert changed(EVENTS, 1) == [
        ("title", None, "Fix the door"),
        ("description", None, "It squeaks."),
        ("status", None, "open"),
    ]
    assert changed(EVENTS, 2) == [("assignee_id", None, BOB)]
    assert changed(EVENTS, 3) == [("title", "Fix the door", "Mend the door")]
    assert changed(EVENTS, 4) == []
    assert changed(EVENTS, 5) == [("description", "It squeaks.", "It squeaks a lot.")]
    assert changed(EVENTS, 6) == [("archived", None, True)]
    assert changed(EVENTS, 7) == [("archived", True, None)]


def test_an_erased_text_is_told_from_none():
    events = past(facts.TaskCreated("Fix it", None), facts.TaskDescribed(""), facts.TaskDescribed("New"))
    assert at_version(events, 1).description is None
    assert changed(events, 1)[1] == ("description", None, ERASED)
    assert changed(events, 2) == [("description", ERASED, None)]
    assert changed(events, 3) == [("description", None, "New")]
    assert described(events[:1]) == (None, 1)


def test_one_erased_text_in_place_of_another_is_a_change():
    events = past(facts.TaskCreated("Fix it", None), Commented("Hm."), facts.TaskDescribed(None))
    assert changed(events, 2) == []
    assert changed(events, 3) == [("description", ERASED, ERASED)]


def test_an_event_of_a_newer_release_changes_nothing_that_is_shown():
    events = past(CREATED, Unknown(), (ALICE, facts.StatusChanged("open", "done")))
    assert changed(events, 2) == []
    assert changed(events, 3) == [("status", "open", "done")]


def test_a_beginning_that_nobody_can_read_is_said():
    with pytest.raises(ValueError, match="created"):
        at_version(past(Unknown()), 1)
