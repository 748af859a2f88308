import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bench.history import fill
from inbox import rebuild as inbox_rebuild
from inbox import rebuild_inbox as driver
from inbox.models import Notification
from inbox.rebuild import Drift
from inbox.rebuild_inbox import rebuild_inbox
from inbox.services import mute, watch
from inbox.states import State
from orgs.models import Membership
from tests.inbox.acts import mark_all_read
from tests.tasks.acme import Level, Role, assign, comment, move, new_task
from tests.tasks.invariants import hidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_members(acme):
    """Members from before the first event."""
    Membership.objects.update(created=timezone.now() - dt.timedelta(days=1))


def inboxes():
    return sorted(Notification.objects.values_list("recipient_id", "event_id", "reason", "state", "read_at"))


def told(user):
    """(event, reason, was it read), in the order of the log."""
    rows = Notification.objects.filter(recipient=user).order_by("event_id")
    return [(row.event_id, row.reason, row.state == State.READ) for row in rows]


def command(**options):
    out = StringIO()
    call_command("rebuild_inbox", stdout=out, **options)
    return out.getvalue()


@pytest.fixture(params=["whole", "in parts"])
def long_history(db, request, monkeypatch):
    if request.param == "in parts":
        monkeypatch.setattr(driver, "STREAMS", 20)
        monkeypatch.setattr(driver, "CHUNK", 7)
        monkeypatch.setattr(inbox_rebuild, "ROWS", 5)
    fill(80, 500, organizations=3, notifications=True)


@pytest.mark.usefixtures("long_history")
class TestALongHistory:
    def test_has_no_drift(self):
        before = inboxes()
        expected = Drift(there=len(before))
        assert rebuild_inbox(None, hidden, dry_run=True) == rebuild_inbox(None, hidden) == expected
        assert inboxes() == before

    def test_whose_inboxes_were_lost_gets_them_back_unread(self):
        before = inboxes()
        Notification.objects.all().delete()
        drift = rebuild_inbox(None, hidden)
        assert (drift.there, drift.missing) == (0, len(before))
        assert inboxes() == [(*row, State.UNREAD, None) for *row, _, _ in before]

    def test_is_compared_for_one_organization(self):
        one = Notification.objects.filter(organization__slug="team-1")
        rows = one.count()
        Notification.objects.all().delete()
        assert "added" in command(org="team-1")
        assert 0 < one.count() <= rows
        assert Notification.objects.exclude(organization__slug="team-1").count() == 0


@pytest.mark.usefixtures("old_members")
class TestDrift:
    def test_a_lost_row_is_added_as_read_behind_what_the_person_has_read(self, acme):
        task = new_task(acme, actor=acme.alice)
        first, second, third = (move(task, status, actor=acme.alice) for status in ("done", "open", "done"))
        mark_all_read(acme.bob.pk, {acme.pk: second.pk})
        Notification.objects.filter(recipient=acme.bob, event__in=[first.pk, third.pk]).delete()
        drift = rebuild_inbox(None, hidden)
        assert (drift.missing, drift.direct, drift.extra, drift.reasons) == (2, 0, 0, 0)
        assert told(acme.bob)[1:] == [
            (first.pk, "org", True),
            (second.pk, "org", True),
            (third.pk, "org", False),
        ]

    def test_mentions_and_assignments_are_counted_apart(self, acme):
        task = new_task(acme, actor=acme.alice)
        Membership.objects.filter(user=acme.carol).update(level=Level.MUTED)
        asked, given = comment(task, "@carol?", actor=acme.alice), assign(task, acme.carol, actor=acme.alice)
        Notification.objects.filter(recipient=acme.carol).delete()
        drift = rebuild_inbox(None, hidden)
        assert (drift.missing, drift.direct) == (2, 2)
        assert told(acme.carol) == [(asked.pk, "mentioned", False), (given.pk, "assigned", False)]

    @pytest.mark.parametrize("level", Level.values)
    def test_at_each_level_what_was_told_is_no_drift_and_what_a_watch_alone_gave_is_not_owed(
        self, acme, level
    ):
        Membership.objects.filter(user=acme.bob).update(level=level)
        mine, other = (new_task(acme, actor=person) for person in (acme.bob, acme.alice))
        for task in (mine, other):
            watch(acme.bob.pk, acme.pk, task.pk, watching=True)
            comment(task, actor=acme.carol)
        there = Notification.objects.count()
        assert rebuild_inbox(None, hidden, dry_run=True) == Drift(there=there)
        lost, _ = Notification.objects.filter(recipient=acme.bob).delete()
        owed = {"all": lost, "participating": 1, "mine": 1, "watched": 0, "muted": 0}[level]
        assert rebuild_inbox(None, hidden, dry_run=True).missing == owed

    def test_a_wrong_reason_is_corrected_and_stays_read(self, acme):
        task = new_task(acme, actor=acme.bob)
        event = move(task, "done", actor=acme.alice)
        mark_all_read(acme.bob.pk, {acme.pk: event.pk})
        before = inboxes()
        Notification.objects.filter(recipient=acme.bob, event_id=event.pk).update(reason="org")
        assert rebuild_inbox(None, hidden, dry_run=True).reasons == 1
        assert inboxes() != before
        assert rebuild_inbox(None, hidden).reasons == 1
        assert inboxes() == before

    def test_a_watch_that_has_begun_or_ended_is_no_drift(self, acme):
        task = new_task(acme, actor=acme.alice)
        move(task, "done", actor=acme.alice)
        watch(acme.bob.pk, acme.pk, task.pk, watching=True)
        move(task, "open", actor=acme.alice)
        there = Notification.objects.count()
        assert rebuild_inbox(None, hidden, dry_run=True) == Drift(there=there)
        watch(acme.bob.pk, acme.pk, task.pk, watching=False)
        assert rebuild_inbox(None, hidden, dry_run=True) == Drift(there=there)

    def test_what_came_while_it_was_muted_is_owed_to_nobody(self, acme):
        task = new_task(acme, actor=acme.alice)
        mute(acme.bob.pk, acme.pk, task.pk, muted=True)
        move(task, "done", actor=acme.alice)
        asked = comment(task, "@bob?", actor=acme.alice)
        move(task, "open", actor=acme.alice)
        there = Notification.objects.count()
        assert asked.pk in [event_id for event_id, *_ in told(acme.bob)]
        assert rebuild_inbox(None, hidden, dry_run=True) == Drift(there=there)
        mute(acme.bob.pk, acme.pk, task.pk, muted=True)
        assert rebuild_inbox(None, hidden, dry_run=True) == Drift(there=there)

    def test_nobody_is_owed_what_came_before_they_joined(self, acme):
        task = new_task(acme, actor=acme.alice)
        acme.join("nina", Role.MEMBER)
        assert rebuild_inbox(None, hidden, dry_run=True).missing == 0
        move(task, "done", actor=acme.alice)
        Notification.objects.filter(recipient=acme.nina).delete()
        assert rebuild_inbox(None, hidden, dry_run=True).missing == 1

    def test_rows_of_somebody_who_left_or_hears_less_are_extra_and_stay(self, acme):
        task = new_task(acme, actor=acme.alice)
        move(task, "done", actor=acme.alice)
        before = inboxes()
        Membership.objects.filter(user=acme.bob).delete()
        Membership.objects.filter(user=acme.carol).update(level=Level.MUTED)
        drift = rebuild_inbox(None, hidden)
        assert (drift.missing, drift.extra) == (0, 4)
        assert inboxes() == before

    def test_the_report_names_the_numbers(self, acme):
        task = new_task(acme, actor=acme.alice)
        comment(task, "@carol?", actor=acme.alice)
        Notification.objects.filter(recipient=acme.carol).delete()
        said = command(dry_run=True)
        assert said.startswith("Notifications: 4. Drift: 2.\n  2 missing, 1 of them mentions or assignments")
        assert Notification.objects.count() == 4
        assert "2 added, 1 of them" in command()
        assert command(dry_run=True).startswith("Notifications: 6. Drift: 0.")


def test_an_organization_that_does_not_exist_is_refused():
    with pytest.raises(CommandError, match="no organization with the short name 'nowhere'"):
        command(org="nowhere")


def test_the_demo_data_lose_nothing(db):
    call_command("seed_demo", stdout=StringIO())
    before = [row[:2] for row in inboxes()]  # a watch has no date: a row may come back with it as its reason
    assert rebuild_inbox(None, hidden, dry_run=True) == Drift(there=len(before))
    lost, _ = Notification.objects.filter(event_id__gt=100, event_id__lt=200).delete()
    assert rebuild_inbox(None, hidden).missing == lost
    assert [row[:2] for row in inboxes()] == before
