import datetime as dt

import pytest
from msgspec import structs

from events.facts import TextsErased, Unknown, read
from tasks import facts
from tasks.facts import TASK_FACTS
from tasks.models import Task
from tasks.state import TaskState, evolve, fold
from tests.tasks.given import ALICE, BOB, CAROL, CREATED, START, PastEvent, given, past

FRIDAY = dt.date(2026, 11, 27)
LATER = START + dt.timedelta(minutes=1)

# action -> (given before, the fact, what it changes beside version and updated_at)
STEPS = {
    "renamed": ([], facts.TaskRenamed("Fix the door", "Mend it"), {"title": "Mend it"}),
    "described": (
        [],
        facts.TaskDescribed("Ask @bob", [BOB]),
        {"description": "Ask @bob", "mentioned": [BOB]},
    ),
    "status_changed": ([], facts.StatusChanged("open", "done"), {"status": "done"}),
    "assignee_changed": ([], facts.AssigneeChanged(None, BOB), {"assignee_id": BOB}),
    "due_date_changed": ([], facts.DueDateChanged(None, FRIDAY), {"due_date": FRIDAY}),
    "labels_changed": ([], facts.LabelsChanged([], ["mail"]), {"labels": ["mail"]}),
    "commented": (
        [],
        facts.Commented("@carol?", [CAROL]),
        {"commenters": [ALICE], "mentioned": [CAROL]},
    ),
    "archived": ([], facts.TaskArchived(), {"archived": True}),
    "comment_edited": (
        [facts.Commented("Hm.")],
        facts.CommentEdited(2, "@carol", [CAROL]),
        {"mentioned": [CAROL]},
    ),
    "comment_deleted": ([facts.Commented("Hm.")], facts.CommentDeleted(2), {"updated_at": LATER}),
    "reacted": (
        [facts.Commented("Hm.")],
        facts.Reacted(2, "heart", ALICE),
        {"updated_at": LATER},
    ),
    "unreacted": ([facts.Commented("Hm.")], facts.Unreacted(2, "heart"), {"updated_at": LATER}),
    "tasks_imported": ([], facts.TasksImported(3, [CAROL]), {"updated_at": START}),
    "import_taken_back": ([], facts.ImportTakenBack(), {"archived": True}),
    "restored": ([facts.TaskArchived()], facts.TaskRestored(), {"archived": False}),
    "texts_erased": ([], TextsErased([1]), {"updated_at": START}),
}


def test_nothing_happened_is_no_task():
    assert fold([]) is None


def test_a_creation_sets_every_field():
    (event,) = past((BOB, facts.TaskCreated("Fix the door", "Ask @carol", [CAROL])))
    assert fold([event]) == TaskState(
        organization_id=7,
        number=12,
        title="Fix the door",
        description="Ask @carol",
        status="open",
        creator_id=BOB,
        assignee_id=None,
        due_date=None,
        archived=False,
        labels=[],
        commenters=[],
        mentioned=[CAROL],
        version=1,
        created_at=START,
        updated_at=START,
    )


def test_an_import_sets_what_the_row_says():
    day = dt.date(2026, 12, 31)
    fact = facts.TaskImported(
        "Door", "Ask @carol", status="done", assignee=CAROL, due_date=day, labels=["web"]
    )
    (event,) = past((BOB, fact))
    created = fold(past((BOB, facts.TaskCreated("Door", "Ask @carol"))))
    assert fold([event]) == structs.replace(
        created, status="done", assignee_id=CAROL, due_date=day, labels=["web"]
    )


@pytest.mark.parametrize(("happened", "fact", "changes"), STEPS.values(), ids=STEPS)
def test_a_fact_changes_its_fields_and_no_other(happened, fact, changes):
    events = past(CREATED, *happened, fact)
    before = fold(events[:-1])
    last = events[-1]
    expected = {"version": last.version, "updated_at": last.created_at} | changes
    assert evolve(before, last) == structs.replace(before, **expected)


def test_every_action_is_tried_here():
    assert set(STEPS) | {"created", "imported"} == {fact.action for fact in TASK_FACTS} | {"texts_erased"}


@pytest.mark.parametrize(
    ("action", "details"),
    [("praised", {"stars": 5}), ("renamed", {"nonsense": True}), ("created", {"title": "Again"})],
)
def test_what_this_release_cannot_place_changes_the_version_only(action, details):
    state = given(CREATED)
    event = PastEvent(7, 12, 2, read(action, 1, details), BOB, LATER)
    assert evolve(state, event) == structs.replace(state, version=2, updated_at=LATER)


@pytest.mark.parametrize("fact", [facts.TaskArchived(), Unknown()])
def test_a_stream_starts_with_its_creation(fact):
    with pytest.raises(ValueError, match="starts with 'created'"):
        fold(past(fact))


def test_an_earlier_state_is_never_changed():
    """Lists are shared between states: a step must make new ones."""
    first = given(CREATED)
    events = past(CREATED, (BOB, facts.Commented("@carol", [CAROL])), facts.TaskDescribed("@bob", [BOB]))
    second = evolve(first, events[1])
    evolve(second, events[2])
    assert (first.commenters, first.mentioned) == ([], [])
    assert (second.commenters, second.mentioned) == ([BOB], [CAROL])


def test_people_are_remembered_once_in_the_order_they_came():
    state = given(
        facts.TaskCreated("x", "@carol", [CAROL]),
        (BOB, facts.Commented("@alice @carol", [ALICE, CAROL])),
        (ALICE, facts.Commented("yes")),
        (BOB, facts.Commented("again")),
    )
    assert state.commenters == [BOB, ALICE]
    assert state.mentioned == [CAROL, ALICE]


def test_a_fold_can_stop_and_go_on_anywhere():
    events = past(CREATED, *(fact for happened, fact, _ in STEPS.values() for fact in [*happened, fact]))
    for cut in range(1, len(events)):
        state = fold(events[:cut])
        for event in events[cut:]:
            state = evolve(state, event)
        assert state == fold(events)


def test_the_state_has_the_fields_of_the_row():
    columns = {field.attname for field in Task._meta.concrete_fields} - {"id"}
    assert {field.name for field in structs.fields(TaskState)} == columns
