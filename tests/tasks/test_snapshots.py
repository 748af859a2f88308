"""A command decided from the row says what one decided from the fold says, and a row that is not at its stream's
version is mended, never trusted. It costs the same however old the task is, and waits for PostgreSQL four times.
"""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events.models import TaskEvent
from inbox.services import mute, watch
from membership.services import change_level
from tasks import commands, commenting
from tasks.models import Task
from tasks.services import execute, execute_together
from tests.tasks.acme import Level, Role, comment, found, new_task
from tests.tasks.invariants import assert_the_fold_is_the_row, row_of
from tests.waits import waits_in_a_transaction

TEXTS = ["Hm.", "Ask @bob.", "@alice or @bob"]
WISHES = st.one_of(
    st.builds(lambda text: {"kind": commands.CommentOnTask, "text": text}, st.sampled_from(TEXTS)),
    st.builds(lambda text: {"kind": commands.DescribeTask, "description": text}, st.sampled_from(TEXTS)),
    st.builds(lambda to: {"kind": commands.ChangeStatus, "status": to}, st.sampled_from(["open", "done"])),
    st.builds(lambda labels: {"kind": commands.SetLabels, "labels": labels}, st.sampled_from([["a"], []])),
    st.builds(
        lambda on: {"kind": commands.React, "comment": 2, "reaction": "heart", "on": on}, st.booleans()
    ),
    st.builds(
        lambda text: {"kind": commands.EditComment, "comment": 2, "text": text}, st.sampled_from(TEXTS)
    ),
)
FAULTS = st.sampled_from([None, None, "behind", "ahead", "away"])


def put(task_id, fault):
    """Let the row stand elsewhere than its stream, with words that nobody wrote."""
    row = Task.objects.filter(pk=task_id)
    version = TaskEvent.objects.filter(stream_id=task_id).count()
    match fault:
        case "behind":
            row.update(version=version - 1, title="Never said", description="Never written")
        case "ahead":
            row.update(version=version + 7, title="Never said", labels=["never"])
        case "away":
            row.delete()


class Histories(TestCase):
    @settings(max_examples=12)
    @given(st.lists(st.tuples(WISHES, FAULTS), min_size=1, max_size=8))
    def test_what_is_decided_from_the_row_is_what_is_decided_from_the_fold(self, steps):
        team = found(f"t{uuid.uuid4().hex[:8]}", alice=Role.OWNER, bob=Role.MEMBER)
        plain, harmed = (new_task(team, actor=team.alice) for _ in range(2))
        for task in (plain, harmed):
            comment(task, actor=team.alice)
        for wish, fault in steps:
            put(harmed.pk, fault)
            fields = {name: value for name, value in wish.items() if name != "kind"}
            told = [
                [
                    (event.action, event.fact.details(), event.version, event.subject)
                    for event in execute(wish["kind"](task_id=task.pk, **fields), actor=team.alice)
                ]
                for task in (plain, harmed)
            ]
            assert told[0] == told[1]
            if told[1]:
                assert_the_fold_is_the_row(harmed.pk)
        execute(commands.RenameTask(task_id=harmed.pk, title="The end"), actor=team.alice)
        assert_the_fold_is_the_row(harmed.pk)


pytestmark = pytest.mark.django_db


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


def kinds(task, acme):
    """One call of each kind."""
    it = {"task_id": task.pk}
    five = (
        commands.RenameTask(**it, title="Renamed"),
        commands.DescribeTask(**it, description="For @bob"),
        commands.ChangeStatus(**it, status="done"),
        commands.SetLabels(**it, labels=["a"]),
        commands.AssignTask(**it, assignee_id=acme.carol.pk),
    )
    return {
        "comment": [commands.CommentOnTask(**it, text="@bob, look.")],
        "stale": [
            commands.ChangeStatus(**it, status="done", seen_version=Task.objects.get(pk=task.pk).version)
        ],
        "five": five,
        "edit": [commands.EditComment(**it, comment=2, text="@carol")],
        "react": [commands.React(**it, comment=2, reaction="heart", on=True)],
        "delete": [commands.DeleteComment(**it, comment=2)],
        "create": [commands.CreateTask(organization_id=acme.pk, title="T", assignee_id=acme.bob.pk)],
        "several": [commands.CreateTask(organization_id=acme.pk, title=f"T{n}") for n in range(4)],
    }


KINDS = ["comment", "stale", "five", "edit", "react", "delete", "create", "several"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "delete"])  # once is all
def test_a_command_asks_as_much_of_an_old_task_as_of_a_young_one(kind, task, acme):
    comment(task, actor=acme.alice)
    counts = []
    for age in (1, 1, 300):  # what is told of a first time may be told of no second time
        execute_together([commands.CommentOnTask(task_id=task.pk, text="On.")] * age, actor=acme.alice)
        execute_together(undone(task), actor=acme.alice)
        asked = kinds(task, acme)[kind]
        with CaptureQueriesContext(connection) as queries:
            execute_together(asked, actor=acme.alice)
        counts.append(len(queries))
    assert counts[1] == counts[2]


def undone(task):
    it = {"task_id": task.pk}
    return [
        commands.ChangeStatus(**it, status="open"),
        commands.RenameTask(**it, title="Fix the door"),
        commands.DescribeTask(**it, description="For @bob"),
        commands.SetLabels(**it, labels=[]),
        commands.AssignTask(**it, assignee_id=None),
        commands.React(**it, comment=2, reaction="heart", on=False),
        commands.EditComment(**it, comment=2, text="Hm."),
    ]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_postgresql_is_waited_for_four_times_at_most(kind, acme, task):
    comment(task, actor=acme.alice)
    mute(acme.bob.pk, acme.pk, task.pk, muted=True)  # a mention ends it
    asked, actor = kinds(task, acme)[kind], acme.alice
    assert 3 <= waits_in_a_transaction(lambda: execute_together(asked, actor=actor)) <= 4


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_comment_with_an_attempt_waits_as_often_as_one_without(acme, task):
    attempt = {"actor": acme.alice, "attempt": uuid.uuid4()}
    for text in ("@bob, look.", "Or @carol."):  # the second in the place of the first
        assert waits_in_a_transaction(lambda text=text: commenting.comment(task, text, **attempt)) == 3


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_choice_of_what_to_be_told_waits_as_often(acme, task):
    of_task, bob = (acme.bob.pk, acme.pk, task.pk), acme.membership(acme.bob)
    choices = [
        lambda: mute(*of_task, muted=True),
        lambda: watch(*of_task, watching=True),
        lambda: change_level(membership=bob, level=Level.MUTED),
    ]
    # The level is also kept as the switches that make it.
    assert [waits_in_a_transaction(choice) for choice in choices] == [3, 3, 9]


def test_a_row_in_another_organization_is_brought_back(task, acme, globex):
    Task.objects.filter(pk=task.pk).update(organization=globex.organization, title="Never said")
    comment(task, actor=acme.alice)
    assert row_of(task.pk)["organization_id"] == acme.pk
    assert_the_fold_is_the_row(task.pk)


def test_a_comment_is_found_by_its_index(task, acme):
    from events import log

    comment(task, actor=acme.alice)
    _, said_of = log.asked_of_comment(acme.pk, task.pk, 2)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        cursor.execute(f"{how} {said_of.sql}", said_of.parameters)
        plan = str(cursor.fetchall())
    assert "event_of_comment" in plan or "on events_taskevent_" in plan
