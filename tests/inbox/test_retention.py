"""What was read or done long ago leaves the inboxes; nothing else does, and nothing takes it for a loss."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from events.models import TaskEvent
from inbox import marks, retention
from inbox.models import Clearing, Notification
from inbox.org_inboxes import org_inboxes, total_unread
from inbox.rebuild import Drift
from inbox.rebuild_inbox import rebuild_inbox
from inbox.retention import clear_inboxes
from inbox.revisions import revision_at
from inbox.states import Act, State
from inbox.why import why
from inbox.why_words import verdict
from orgs.models import Membership
from tests.audits import audit, audit_json
from tests.tasks.acme import comment, new_task, signed_in
from tests.tasks.invariants import hidden
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db
AGO = dt.timedelta(days=40)


@pytest.fixture(autouse=True)
def kept_for_thirty_days(settings):
    settings.KEEP_NOTIFICATIONS_DAYS = 30


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


@pytest.fixture
def told(acme, task):
    """One event for each state, told to Bob."""
    acts = {
        State.READ: Act.READ,
        State.DONE: Act.DONE,
        State.SAVED: Act.SAVE,
        State.SNOOZED: Act.SNOOZE,
        State.UNREAD: None,
    }
    events = {}
    for state, act in acts.items():
        events[state] = comment(task, f"It is {state.word}.", actor=acme.alice).pk
        until = timezone.now() + dt.timedelta(days=1) if act is Act.SNOOZE else None
        if act:
            marks.mark(acme.bob.pk, act, [events[state]], until=until)
    return events


def age(*, marked=True):
    """As if everything had happened forty days ago."""
    then = timezone.now() - AGO
    with without_triggers():
        QuerySet(TaskEvent).update(created_at=then)
    Membership.objects.update(created=then - AGO)
    if marked:
        Notification.objects.exclude(mark=None).update(mark=revision_at(then), read_at=then)


def clear():
    moment = timezone.now()
    while (after := clear_inboxes(moment)) == moment:
        continue
    return after


def left(user):
    rows = Notification.objects.filter(recipient=user).order_by("event_id")
    return [State(state) for state in rows.values_list("state", flat=True)]


class TestWhatGoes:
    def test_read_and_done_go_and_the_others_stay(self, acme, told):
        before = total_unread(org_inboxes(acme.bob.pk))
        age()
        clear()
        assert left(acme.bob) == [State.UNREAD, State.SAVED, State.SNOOZED, State.UNREAD]
        assert total_unread(org_inboxes(acme.bob.pk)) == before
        assert Clearing.objects.get().removed == 2

    def test_what_was_read_just_now_stays_however_old(self, acme, told):
        age(marked=False)
        clear()
        assert len(left(acme.bob)) == 6

    def test_what_was_read_without_a_mark_goes_too(self, acme, told):
        age()
        Notification.objects.filter(state=State.READ).update(mark=None)
        clear()
        assert State.READ not in left(acme.bob)

    def test_nothing_goes_without_the_setting(self, acme, told, settings):
        settings.KEEP_NOTIFICATIONS_DAYS = 0
        age()
        assert clear() is None
        assert len(left(acme.bob)) == 6
        assert not Clearing.objects.exists()

    def test_in_many_small_turns_then_it_rests(self, acme, told, monkeypatch):
        monkeypatch.setattr(retention, "LOT", 1)
        age()
        assert clear() > timezone.now() + dt.timedelta(hours=23)
        assert Clearing.objects.get().removed == 2

    def test_it_goes_on_where_it_was(self, acme, told, monkeypatch):
        age()
        moment = timezone.now()
        monkeypatch.setattr(retention, "TURN", 0)
        assert clear_inboxes(moment) == moment
        assert Clearing.objects.get().removed == 0
        monkeypatch.setattr(retention, "TURN", 5)
        assert clear_inboxes(moment) == moment + retention.REST
        assert Clearing.objects.get().removed == 2

    def test_it_lasts_until_the_day_after(self, acme, told):
        clear()
        age()
        assert clear() > timezone.now()
        assert len(left(acme.bob)) == 6, "it has rested since"


class TestWhoKnows:
    def test_a_rebuild_puts_nothing_back_and_says_so(self, acme, told):
        age()
        clear()
        rows = left(acme.bob)
        drift = rebuild_inbox(None, hidden)
        assert (drift.missing, drift.beyond) == (0, 2)
        assert left(acme.bob) == rows
        out = StringIO()
        call_command("rebuild_inbox", "--dry-run", stdout=out)
        assert "2 beyond KEEP_NOTIFICATIONS_DAYS, which are not put back" in out.getvalue()

    def test_a_rebuild_still_adds_what_was_lost_since(self, acme, told):
        age()
        clear()
        lost = comment(new_task(acme, actor=acme.alice), "Today.", actor=acme.alice)
        told = Notification.objects.filter(event=lost)
        gone, _ = told.all().delete()
        assert rebuild_inbox(None, hidden).missing == gone
        assert told.count() == gone > 0

    def test_without_clearing_nothing_is_beyond(self, acme, told, settings):
        assert rebuild_inbox(None, hidden) == Drift(there=Notification.objects.count())

    def test_an_audit_says_how_many(self, acme, told):
        marks.mark(acme.bob.pk, Act.READ, list(told.values()))
        Clearing.objects.create(pk=1, before=timezone.now(), removed=1200, next_at=timezone.now())
        assert (
            "1,200 notifications that were read or done are not kept: they tell of events before" in audit()
        )
        assert "1,200" in audit_json()[-1]["remarks"][0]

    def test_why_does_not_take_it_for_a_mistake(self, acme, told):
        age()
        event = TaskEvent.objects.readable().get(pk=told[State.READ])
        assert verdict(why(event, acme.bob), "task").startswith("The inbox agrees")
        clear()
        assert "is not kept for so long" in verdict(why(event, acme.bob), "task")

    def test_undoing_what_is_gone_changes_nothing(self, acme, told):
        number = marks.mark(acme.bob.pk, Act.DONE, [told[State.READ]]).mark
        Notification.objects.filter(event=told[State.READ]).delete()
        assert marks.undo(acme.bob.pk, number) == 0


class TestPages:
    def test_the_list_says_how_long(self, acme, told):
        client = signed_in(acme.bob)
        assert b"is kept for 30 days" in client.get(reverse("inbox:list"), {"q": "is:done"}).content
        assert b"is kept for" not in client.get(reverse("inbox:list"), {"q": "is:saved"}).content

    def test_a_page_that_is_open_since_leads_on(self, acme, told):
        age()
        clear()
        client = signed_in(acme.bob)
        opened = client.get(reverse("inbox:open", args=[told[State.READ]]))
        assert opened.status_code == 302
        assert "/tasks/1/" in opened.url

    def test_and_still_tells_a_stranger_nothing(self, acme, globex, told):
        age()
        clear()
        assert signed_in(globex.gina).get(reverse("inbox:open", args=[told[State.READ]])).status_code == 404
