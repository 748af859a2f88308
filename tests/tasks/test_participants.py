import pytest

from inbox.models import Reason
from tasks import facts
from tasks.participants import participants
from tasks.state import fold
from tests.tasks.given import ALICE, BOB, CAROL, CREATED, DAVE, past

MOVED = facts.StatusChanged("open", "done")


def concerned(*happened, watchers=()):
    """The participants of the last of these facts."""
    events = past(*happened)
    fact = happened[-1][1] if isinstance(happened[-1], tuple) else happened[-1]
    return participants(fact, fold(events[:-1]), fold(events), watchers)


def test_the_creator_takes_part():
    assert concerned(CREATED, (BOB, MOVED)) == {ALICE: "creator"}


def test_the_assignee_takes_part():
    assert concerned(CREATED, facts.AssigneeChanged(None, BOB), MOVED)[BOB] == "assignee"


def test_being_given_the_task_is_a_reason_of_its_own():
    assert concerned(CREATED, facts.AssigneeChanged(None, BOB))[BOB] == "assigned"


def test_losing_the_task_is_told_once():
    given_away = (CREATED, facts.AssigneeChanged(None, BOB), facts.AssigneeChanged(BOB, CAROL))
    assert concerned(*given_away) == {ALICE: "creator", BOB: "unassigned", CAROL: "assigned"}
    assert concerned(*given_away, MOVED) == {ALICE: "creator", CAROL: "assignee"}


def test_unassigning_leaves_no_assignee():
    assert concerned(CREATED, facts.AssigneeChanged(None, BOB), facts.AssigneeChanged(BOB, None)) == {
        ALICE: "creator",
        BOB: "unassigned",
    }


@pytest.mark.parametrize(
    "fact",
    [
        facts.Commented("@carol", [CAROL]),
        facts.TaskDescribed("@carol", [CAROL]),
    ],
)
def test_a_mention_counts_now_and_takes_part_later(fact):
    assert concerned(CREATED, fact)[CAROL] == "mentioned"
    assert concerned(CREATED, fact, MOVED)[CAROL] == "participant"


def test_a_mention_in_the_first_description_counts():
    assert concerned(facts.TaskCreated("x", "@bob", [BOB])) == {ALICE: "creator", BOB: "mentioned"}


def test_whoever_commented_takes_part():
    assert concerned(CREATED, (BOB, facts.Commented("Hm.")), MOVED)[BOB] == "participant"


def test_watchers_take_part():
    assert concerned(CREATED, MOVED, watchers=[BOB, CAROL]) == {
        ALICE: "creator",
        BOB: "watching",
        CAROL: "watching",
    }


def test_nobody_else_takes_part():
    assert DAVE not in concerned(CREATED, facts.AssigneeChanged(None, BOB), MOVED, watchers=[CAROL])


# Bob has every reason up to and including the named one; the named one is given.
RANK = [reason for reason in reversed(Reason) if reason is not Reason.ORG]


@pytest.mark.parametrize("strongest", RANK)
def test_the_strongest_reason_is_given(strongest):
    def holds(reason):
        return RANK.index(reason) <= RANK.index(strongest)

    happened = [(BOB if holds(Reason.CREATOR) else ALICE, CREATED)]
    watchers = [BOB]
    if holds(Reason.PARTICIPANT):
        happened.append((BOB, facts.Commented("Mine.")))
    last = (ALICE, MOVED)
    match strongest:
        case Reason.ASSIGNEE:
            happened.append((ALICE, facts.AssigneeChanged(None, BOB)))
        case Reason.UNASSIGNED:
            happened.append((ALICE, facts.AssigneeChanged(None, BOB)))
            last = (ALICE, facts.AssigneeChanged(BOB, CAROL))
        case Reason.ASSIGNED:
            last = (ALICE, facts.AssigneeChanged(None, BOB))
        case Reason.MENTIONED:
            happened.append((ALICE, facts.AssigneeChanged(None, BOB)))
            last = (ALICE, facts.Commented("@bob", [BOB]))
    assert concerned(*happened, last, watchers=watchers)[BOB] == strongest


def test_the_actor_may_be_among_them():
    assert concerned(CREATED, (ALICE, facts.Commented("Mine."))) == {ALICE: "creator"}
