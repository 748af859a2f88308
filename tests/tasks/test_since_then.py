"""What is different about a task, in a few words."""

import datetime as dt

import pytest

from tasks import facts
from tasks.facts import Commented
from tasks.since_then import FIELDS, differences
from tasks.state import SHOWN
from tests.tasks.given import ALICE, BOB, CAROL, CREATED, past

pytestmark = pytest.mark.once
NAMES = {BOB: "you", CAROL: "Carol Novak"}
DAY = dt.date(2026, 11, 20)
DUE = facts.DueDateChanged(None, DAY)
MOVED = facts.StatusChanged("open", "done")
BACK = facts.StatusChanged("done", "open")
MAIL = facts.LabelsChanged([], ["mail"])
HEART = facts.Reacted(2, "heart", ALICE, False)


def due(days):
    return facts.DueDateChanged(DAY, DAY + dt.timedelta(days=days))


@pytest.mark.parametrize(
    ("known", "since", "words"),
    [
        ([], [MOVED], ["Open → Done"]),
        ([], [MOVED, BACK], ["changed, and changed back"]),
        ([], [MOVED, Commented("a"), Commented(None)], ["Open → Done", "2 comments"]),
        ([Commented("before")], [Commented("a")], ["1 comment"]),
        ([], [facts.AssigneeChanged(None, BOB)], ["assigned to you"]),
        ([], [facts.AssigneeChanged(None, CAROL)], ["assigned to Carol Novak"]),
        ([], [facts.AssigneeChanged(None, ALICE)], ["assigned to somebody"]),
        ([facts.AssigneeChanged(None, BOB)], [facts.AssigneeChanged(BOB, None)], ["unassigned"]),
        ([], [DUE], ["due 20 Nov"]),
        ([DUE], [facts.DueDateChanged(DAY, None)], ["no due date any more"]),
        ([DUE], [due(1)], ["due a day later"]),
        ([DUE], [due(7)], ["due a week later"]),
        ([DUE], [due(-14)], ["due 2 weeks earlier"]),
        ([DUE], [due(3)], ["due 3 days later"]),
        ([], [facts.TaskRenamed("Fix the door", "Mend it")], ["renamed"]),
        ([], [facts.TaskDescribed(None)], ["new description"]),
        ([], [facts.LabelsChanged([], ["mail", "security"])], ["labelled mail and security"]),
        ([MAIL], [facts.LabelsChanged(["mail"], ["web"])], ["labelled web, no longer mail"]),
        ([MAIL], [facts.LabelsChanged(["mail"], [])], ["no longer mail"]),
        ([], [Commented("a"), facts.CommentEdited(2, "b")], ["1 comment"]),
        ([], [Commented("a"), facts.CommentDeleted(2)], ["changed, and changed back"]),
        ([Commented("a")], [facts.CommentEdited(2, "b"), facts.CommentEdited(2, "c")], ["1 comment edited"]),
        ([Commented("a")], [facts.CommentEdited(2, "b"), facts.CommentDeleted(2)], ["1 comment deleted"]),
        ([Commented("a")], [HEART, (CAROL, HEART)], ["2 reactions"]),
        ([Commented("a")], [HEART, facts.Unreacted(2, "heart")], ["changed, and changed back"]),
        ([Commented("a"), HEART], [facts.Unreacted(2, "heart"), HEART], ["changed, and changed back"]),
        ([Commented("a")], [HEART, facts.CommentDeleted(2)], ["1 comment deleted"]),
        ([], [facts.TaskArchived()], ["archived"]),
        ([facts.TaskArchived()], [facts.TaskRestored()], ["restored"]),
        (
            [DUE],
            [due(7), facts.AssigneeChanged(None, CAROL), Commented("a"), MOVED],
            ["Open → Done", "assigned to Carol Novak", "due a week later", "1 comment"],
        ),
    ],
)
def test_is_what_the_two_folds_differ_by(known, since, words):
    events = past(CREATED, *known, *since)
    assert differences(events, 1 + len(known), NAMES) == words


def test_tells_every_field_that_people_see():
    assert set(FIELDS) == set(SHOWN)


def test_of_a_new_task_is_what_it_came_to():
    assert differences(past(CREATED), 0, NAMES) == ["new"]
    events = past(
        CREATED, facts.AssigneeChanged(None, BOB), DUE, MAIL, MOVED, Commented("a"), facts.TaskArchived()
    )
    words = ["new", "Done", "assigned to you", "due 20 Nov", "labelled mail", "archived", "1 comment"]
    assert differences(events, 0, NAMES) == words


def test_of_what_nobody_can_read_is_refused():
    with pytest.raises(ValueError, match="cannot read how the task began"):
        differences(past(MOVED), 0, NAMES)
