"""The audit's page of an event says who was notified of it, why, and when each read it."""

import datetime as dt

import pytest
from django.utils import timezone

from inbox import audit
from inbox.audit import notified
from inbox.models import Notification, Reason
from inbox.reasons import reasons
from orgs.models import Membership
from tests.events.audited import events_of, page_of, staff, text
from tests.tasks.acme import assign, comment, move, new_task, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(db):
    return signed_in(staff("audrey", "view_taskevent"))


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


def section(client, event, query=""):
    return (
        text(client.get(page_of(event) + query))
        .partition("Who was notified")[2]
        .partition("Why was somebody told")[0]
        .strip()
    )


def test_names_everybody_with_the_reason(acme, auditor, task):
    event = assign(task, acme.carol, actor=acme.bob)
    assert section(auditor, event) == (
        "0 of 3 read it. Person Why Read (UTC) "
        "Alice (alice) Created the task not read "
        "Carol (carol) Was assigned the task not read "
        "Vera (vera) Follows everything not read"
    )


def test_says_when_each_read_it(acme, auditor, task):
    event = comment(task, "@carol look", actor=acme.alice)
    read_at = dt.datetime(2026, 11, 22, 12, 3, 4, tzinfo=dt.UTC)
    Notification.objects.filter(event=event, recipient=acme.carol).update(read_at=read_at)
    said = section(auditor, event)
    assert "1 of 3 read it. Show only the 2 who did not" in said
    assert "Carol (carol) Was mentioned in it 22 Nov 2026, 12:03:04" in said


def test_can_be_narrowed_to_those_who_did_not_read_it(acme, auditor, task):
    event = comment(task, "@carol look", actor=acme.alice)
    Notification.objects.filter(event=event, recipient=acme.carol).update(read_at=timezone.now())
    said = section(auditor, event, "?unread=1")
    assert "Carol" not in said
    assert "Bob (bob)" in said
    assert "Show everybody" in said
    Notification.objects.update(read_at=timezone.now())
    assert "Everybody has read it." in section(auditor, event, "?unread=1")


def test_tells_of_nobody(globex, auditor):
    Membership.objects.exclude(user=globex.gina).delete()
    event = events_of(new_task(globex, actor=globex.gina))[0]
    assert section(auditor, event) == "Nobody: there was no other member who is told of such an event."


def test_still_names_who_is_no_member_any_more(acme, auditor, task):
    event = move(task, "done", actor=acme.alice)
    acme.membership(acme.carol).delete()
    assert "Carol (carol)" in section(auditor, event)


def test_shows_the_first_of_many_by_name(acme, auditor, task, rf, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(audit, "SHOWN", 5)
    for number in range(10):
        acme.join(f"person{number}")
    event = move(task, "done", actor=acme.alice)
    said = section(auditor, event)
    assert "0 of 13 read it." in said
    assert "The first 5 of 13 by name." in said
    assert "Person2" in said
    assert "Person3" not in said
    with django_assert_num_queries(2):
        shown = notified(event, rf.get("/"))
        assert [row.recipient.username for row in shown["rows"]][:2] == ["bob", "carol"]


def test_has_words_for_every_reason():
    assert set(reasons()) >= set(Reason.values)
    assert all(reason.of_another and reason.label for reason in reasons().values())
