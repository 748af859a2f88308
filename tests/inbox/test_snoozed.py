"""What was snoozed comes back when its moment has come."""

import datetime as dt
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from inbox import marks, snoozed
from inbox.models import Inbox, Notification
from inbox.snoozed import wake_snoozed
from inbox.states import Act, State
from tests.tasks.acme import comment, new_task

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def events(acme):
    task = new_task(acme, actor=acme.alice)
    return [comment(task, actor=acme.alice) for _ in range(4)]


def snooze(user, events, until):
    assert marks.mark(user.pk, Act.SNOOZE, [event.pk for event in events], until=until).changed


def states(user):
    rows = Notification.objects.filter(recipient=user).order_by("event_id")
    return [State(state).word for state in rows.values_list("state", flat=True)]


def test_comes_back_unread_on_time_and_never_before(acme, events, now):
    snooze(acme.bob, events[:1], now + HOUR)
    snooze(acme.bob, events[1:2], now + 2 * HOUR)
    assert wake_snoozed(now + HOUR - dt.timedelta(microseconds=1)) == now + HOUR
    assert states(acme.bob)[1:3] == ["snoozed", "snoozed"]
    assert wake_snoozed(now + HOUR) == now + 2 * HOUR
    assert states(acme.bob)[1:3] == ["unread", "snoozed"]
    assert wake_snoozed(now + 9 * HOUR) is None
    assert states(acme.bob) == ["unread"] * 5


def test_is_told_to_its_owner_alone(acme, events, now, announcements, django_capture_on_commit_callbacks):
    for user in (acme.bob, acme.carol):
        snooze(user, events[:2], now + HOUR)
    announcements.clear()
    with django_capture_on_commit_callbacks(execute=True):
        wake_snoozed(now + HOUR)
    frames = {message["user_id"]: message["payload"] for _, message in announcements}
    assert frames.keys() == {acme.bob.pk, acme.carol.pk}
    frame, revision = frames[acme.bob.pk], Inbox.objects.get(pk=acme.bob.pk).revision
    ids = [event.pk for event in events[:2]]
    assert frame["change"] == {"act": "wake", "mark": revision, "state": "unread", "event_ids": ids}
    assert frame["unread_again"] == {"mark": revision, "event_ids": []}
    assert (frame["counts"]["snoozed"], frame["unread"]["total"], frame["revision"]) == (0, 5, revision)


def test_waking_twice_changes_nothing_more(acme, events, now):
    snooze(acme.bob, events, now + HOUR)
    wake_snoozed(now + HOUR)
    before = Inbox.objects.get(pk=acme.bob.pk).revision, states(acme.bob)
    assert wake_snoozed(now + HOUR) is None
    assert (Inbox.objects.get(pk=acme.bob.pk).revision, states(acme.bob)) == before


def test_what_was_done_meanwhile_stays_done(acme, events, now):
    snooze(acme.bob, events[:2], now + HOUR)
    marks.mark(acme.bob.pk, Act.DONE, [events[0].pk])
    wake_snoozed(now + HOUR)
    assert states(acme.bob)[1:3] == ["done", "unread"]


def test_what_has_come_back_is_not_undone_with_its_snooze(acme, events, now):
    _, mark = marks.mark(acme.bob.pk, Act.SNOOZE, [events[0].pk], until=now + HOUR)
    wake_snoozed(now + HOUR)
    marks.mark(acme.bob.pk, Act.SAVE, [events[0].pk])
    assert marks.undo(acme.bob.pk, mark) == 0
    assert states(acme.bob)[1] == "saved"


def test_an_undo_after_its_moment_comes_back_at_the_next_call(acme, events, now):
    snooze(acme.bob, events[:1], now + HOUR)
    _, mark = marks.mark(acme.bob.pk, Act.DONE, [events[0].pk])
    assert wake_snoozed(now + 2 * HOUR) is None
    marks.undo(acme.bob.pk, mark)
    assert states(acme.bob)[1] == "snoozed"
    wake_snoozed(now + 2 * HOUR)
    assert states(acme.bob)[1] == "unread"


def test_many_come_back_in_lots(
    acme, events, now, monkeypatch, announcements, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(snoozed, "LOT", 3)
    snooze(acme.bob, events, now + HOUR)
    announcements.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert wake_snoozed(now + HOUR) is None
    named = [message["payload"]["change"]["event_ids"] for _, message in announcements]
    assert named == [[event.pk for event in events[:3]], [events[3].pk]]


@pytest.mark.django_db(transaction=True)
def test_two_who_keep_the_time_wake_each_once(acme, events, now, announcements):
    snooze(acme.bob, events, now + HOUR)
    announcements.clear()

    def wake():
        wake_snoozed(now + HOUR)
        connection.close()

    threads = [Thread(target=wake) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(acme.bob) == ["unread"] * 5
    named = [
        event_id for _, message in announcements for event_id in message["payload"]["change"]["event_ids"]
    ]
    assert sorted(named) == [event.pk for event in events]
