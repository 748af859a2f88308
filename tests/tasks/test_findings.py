"""The audit compares every task's row with its events."""

import pytest
from django.db import connection

from events import append_only
from events.findings import Scope
from events.models import TaskEvent
from tasks import projection
from tasks.models import Task
from tests.audits import findings
from tests.events.test_tampering import put, remove
from tests.tasks.acme import comment, move, new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(acme):
    task = new_task(acme, actor=acme.alice, description="Oil it.")
    move(task, "done", actor=acme.bob)
    return task


def told(scope=Scope()):  # noqa: B008 - it is frozen
    return [(finding.position, finding.code, finding.message) for finding in findings(scope)]


def test_what_differs_is_named_on_both_sides(task):
    put(task, status="open", description="Paint it." * 20)
    ((position, code, message),) = told()
    assert (position, code) == (2, "task_differs")
    assert "status is 'open' in its row and 'done' by its events" in message
    assert "description is 'Paint it." in message
    assert len(message) < 250


def test_a_row_that_is_missing(task):
    remove(task)
    assert told() == [(2, "task_missing", "task 1 has events, but no row")]


def test_a_row_without_events(task, acme):
    Task.objects.filter(pk=task.pk).update(number=7)
    task.pk, task.number = "00000000-0000-0000-0000-000000000007", 1
    task.save(force_insert=True)
    found = told()
    message = f"task 1 has a row with the id {task.pk}, but no events"
    assert (None, "task_without_events", message) in found
    assert len(found) == 2


def test_a_stream_that_begins_in_no_way_it_can(task):
    connection.check_constraints()
    append_only.remove(connection)
    put(TaskEvent.objects.get(position=1), action="archived", details={}, schema_version=1)
    assert (2, "task_not_told", "task 1 cannot be told from its events: this release cannot read how the task began: a stream starts with 'created', not with 'archived'") in told()  # fmt: skip  # noqa: E501


def test_a_row_of_another_organization(task, acme, globex):
    put(task, organization=globex.pk)
    for scope in (Scope(), Scope(acme.pk), Scope(acme.pk, task.pk)):
        ((position, code, message),) = told(scope)
        assert (position, code) == (2, "task_differs")
        assert message.startswith("task 1: organization_id is ")
    # From there it is a row too many, which is looked at again with all of its events.
    ((position, code, _),) = told(Scope(globex.pk))
    assert (position, code) == (2, "task_differs")


def test_one_task_only(task, acme):
    other = new_task(acme, actor=acme.alice)
    put(other, title="x")
    assert told(Scope(acme.pk, task.pk)) == []
    assert [code for _, code, _ in told(Scope(acme.pk, other.pk))] == ["task_differs"]


def test_a_change_between_the_two_looks_is_none(task, acme, monkeypatch):
    """The audit reads the events, then somebody writes, then it reads the rows."""
    from tasks import findings as audited

    look = audited._rows
    meanwhile = [lambda: comment(task, "Hm.", actor=acme.alice)]

    def rows(*arguments):
        while meanwhile:
            meanwhile.pop()()
        return look(*arguments)

    monkeypatch.setattr(audited, "_rows", rows)
    assert told() == []
    assert meanwhile == []


def test_a_projection_that_forgets_is_found(task, acme, monkeypatch):
    monkeypatch.setattr(projection, "applied", lambda *_: [])
    from tasks.commands import ChangeStatus
    from tasks.services import execute

    execute(ChangeStatus(task_id=task.pk, status="open"), actor=acme.alice)
    ((position, code, _),) = told()
    assert (position, code) == (3, "task_differs")
