"""What each finding says, and a verification that has little time."""

import uuid

import pytest
from django.db import connection

from events import append_only, chain, verification
from events.findings import Scope
from events.models import GENESIS, EventText, LogHead, TaskEvent
from events.verification import verify
from orgs.models import User
from tasks import findings as task_findings
from tests.audits import findings
from tests.events.audited import stored
from tests.events.test_tampering import put, remove, sql
from tests.tasks.acme import comment, move, new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(acme):
    """Acme's first task: created, commented by Bob, done; and a second one."""
    task = new_task(acme, actor=acme.alice)
    comment(task, "Hm.", actor=acme.bob)
    move(task, "done", actor=acme.alice)
    new_task(acme, actor=acme.alice, title="Paint it")
    connection.check_constraints()
    append_only.remove(connection)
    return list(TaskEvent.objects.order_by("position"))


def told(scope=Scope()):  # noqa: B008 - it is frozen
    return [(finding.position, finding.code, finding.message) for finding in findings(scope)]


def test_a_field(log):
    put(log[2], subject="Fix the roof")
    ((position, code, message),) = told()
    assert (position, code) == (3, "event_altered")
    assert message.startswith("task 1, version 3: the event does not match its digest")


def test_a_digest_alone_is_found_once(log):
    """The event after it was chained to what stood there."""
    put(log[1], digest="0" * 64)
    assert [(position, code) for position, code, _ in told()] == [(2, "event_altered")]


def test_holes_are_named_as_wide_as_they_are(log):
    for event in log[1:3]:
        EventText.objects.filter(pk=event.pk).delete()
        sql("DELETE FROM inbox_notification WHERE event_id = %s", event.pk)
        remove(event)
    assert (2, "position_missing", "positions 2 to 3 are missing") in told()


def test_the_newest_cut_off_with_a_head_that_knows(log):
    remove(log[3])
    assert (4, "position_missing", "position 4 is missing: the log's head is there already") in told()


def test_events_beyond_the_head(log):
    put(LogHead.objects.get(), position=2, digest=log[1].digest)
    assert told() == [(3, "beyond_head", "the log's head stands at 2, but events go on to 4")]


def test_no_head_at_all(log):
    LogHead.objects.all().delete()
    assert told() == [(1, "beyond_head", "the log's head stands at 0, but events go on to 4")]


def test_an_unknown_action_is_a_finding(acme, log):
    """The log may come from a newer release: then this one's audit cannot vouch for it."""
    task = new_task(acme, actor=acme.alice)
    event = stored(task, "labelled", {"label": "red"}, position=6)
    head = LogHead.objects.get()
    put(event, digest=chain.digest(head.digest, event))
    put(head, position=6, digest=chain.digest(head.digest, event))
    ((position, code, message), *_) = told()
    assert (position, code) == (6, "undecodable")
    assert "unknown action 'labelled'" in message


def test_versions_out_of_order_though_every_digest_fits(log):
    previous = log[0].digest
    put(log[1], version=1000)
    put(log[2], version=2)
    put(log[1], version=3)
    for event in TaskEvent.objects.filter(position__gt=1).order_by("position"):
        previous = chain.digest(previous, event)
        put(event, digest=previous)
    put(LogHead.objects.get(), digest=previous)
    assert (2, "version_order", "task 1: version 3 stands where version 2 should be") in told()


def test_a_text_that_is_gone_is_missing_whoever_was_erased(log):
    remove(EventText.objects.get(pk=log[1].pk))
    User.objects.filter(username="bob").update(erased_at="2026-11-22T10:00Z")
    assert [(position, code) for position, code, _ in told()] == [(2, "text_missing")]


def test_a_task_in_two_organizations(log, globex):
    """No key holds it: there is one for each organization."""
    copy = {field.attname: getattr(log[0], field.attname) for field in TaskEvent._meta.concrete_fields}
    TaskEvent(**copy | {"id": None, "organization_id": globex.pk}).save()
    assert {org_id for org_id, code in _places() if code == "stream_twice"} == {
        log[0].organization_id,
        globex.pk,
    }


@pytest.mark.services
def test_an_id_in_two_organizations(log, globex):
    copy = {field.attname: getattr(log[0], field.attname) for field in TaskEvent._meta.concrete_fields}
    TaskEvent(**copy | {"organization_id": globex.pk, "stream_id": uuid.uuid4()}).save()
    assert {org_id for org_id, code in _places() if code == "id_twice"} == {
        log[0].organization_id,
        globex.pk,
    }


def _places():
    return [(finding.org_id, finding.code) for finding in findings()]


def test_a_text_without_an_event(acme, log):
    EventText.objects.bulk_create(
        [EventText(event_id=10**6, organization_id=acme.pk, nonce="00" * 16, body="x")]
    )
    assert [(position, code) for position, code, _ in told()] == [(None, "text_without_event")]
    sql("DELETE FROM events_eventtext WHERE event_id = 1000000")


def test_a_trigger_that_is_missing(log):
    found = list(verification.triggers())
    assert {finding.code for finding in found} == {"trigger_missing"}
    assert "event_" in found[0].message
    append_only.install(connection)
    assert list(verification.triggers()) == []


def test_small_chunks_find_the_same(log, monkeypatch):
    put(log[2], subject="x")
    remove(log[3])
    whole = told()
    monkeypatch.setattr(chain, "CHUNK", 1)
    monkeypatch.setattr(task_findings, "CHUNK", 1)
    assert told() == whole
    assert len(whole) > 2


UNREADABLE = {"created_at": "yesterday", "stream_id": "zz", "details": "{"}


@pytest.mark.parametrize("column", UNREADABLE)
@pytest.mark.skipif(
    "sqlite" not in str(connection.settings_dict["ENGINE"]), reason="PostgreSQL holds no such values"
)
def test_a_value_that_cannot_be_read_is_named(log, column):
    sql("DROP INDEX event_of_comment")  # it reads the details of every event that is written
    sql("PRAGMA ignore_check_constraints = ON")
    try:
        sql(f"UPDATE events_taskevent SET {column} = %s WHERE position = 2", UNREADABLE[column])
    finally:
        sql("PRAGMA ignore_check_constraints = OFF")
    (position, code, _), *_ = told()
    assert (position, code) in [(2, "unreadable"), (2, "event_altered")]


class TestOneTask:
    def scope(self, log):
        return Scope(log[0].organization_id, log[0].stream_id)

    def test_its_own_events_are_checked(self, log):
        assert told(self.scope(log)) == []
        put(log[2], subject="x")
        assert [(position, code) for position, code, _ in told(self.scope(log))] == [(3, "event_altered")]

    def test_those_of_others_are_not(self, log):
        put(log[3], subject="x")
        assert told(self.scope(log)) == []


class TestVerify:
    def test_a_whole_log(self, log):
        append_only.install(connection)
        result = verify(log[0].organization_id)
        assert (result.position, result.digest) == (4, log[3].digest)
        assert (result.findings, result.complete) == ([], True)

    def test_it_goes_on_from_where_it_was(self, log):
        append_only.install(connection)
        result = verify(log[0].organization_id, 2, log[1].digest)
        assert (result.position, result.findings, result.complete) == (4, [], True)

    def test_it_ends_when_its_time_is_over(self, log, monkeypatch):
        monkeypatch.setattr(chain, "CHUNK", 2)
        append_only.install(connection)
        result = verify(log[0].organization_id, seconds=0)
        assert (result.position, result.digest, result.complete) == (2, log[1].digest, False)
        rest = verify(log[0].organization_id, result.position, result.digest, seconds=0)
        assert (rest.position, rest.findings, rest.complete) == (4, [], True)

    def test_what_was_verified_may_have_changed_since(self, log):
        append_only.install(connection)
        (finding,) = verify(log[0].organization_id, 2, "a" * 64).findings
        assert (finding.position, finding.code) == (2, "history_replaced")
        (finding,) = verify(log[0].organization_id, 9, "a" * 64).findings
        assert (finding.position, finding.code) == (9, "history_cut")

    def test_it_ends_with_many_findings(self, log, monkeypatch):
        monkeypatch.setattr(chain, "CHUNK", 1)
        monkeypatch.setattr(verification, "MOST", 2)
        for event in log:
            put(event, subject="x")
        result = verify(log[0].organization_id)
        assert len(result.findings) == 2
        assert not result.complete

    def test_an_empty_log(self, globex):
        result = verify(globex.pk)
        assert (result.position, result.digest, result.findings, result.complete) == (0, GENESIS, [], True)
