"""The demo data: what is promised to whoever starts it, and that it goes in completely or not at all."""

import datetime as dt
import re
from itertools import chain, pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from demo import stage
from demo.desks import DESKS
from demo.seed import CASTS, stories_of
from demo.timing import moments, working_day
from events.cursors import parse_many
from events.models import LogHead, TaskEvent
from inbox.models import Mute, Notification, Reason, Visit, Watch
from inbox.states import State
from orgs.mentions import mentioned_names
from orgs.models import Membership, Organization, User
from tasks.models import Task
from tasks.statuses import ACTIVE
from tests.factories import OrganizationFactory, UserFactory
from tests.tasks.invariants import assert_every_fold_is_its_row, assert_the_log_holds

# Its commands are the product's own, which are tried on either database elsewhere.
pytestmark = pytest.mark.once

KEY = re.compile(r"\b(?:ACME|GLOBEX)-\d+")
MARKDOWN = ("`", "- ", "1. ", "](https://", "**")
PEOPLE = ("alice", "bob", "carol", "dave")
SUNDAY_NIGHT = dt.datetime(2026, 11, 22, 23, 50, tzinfo=dt.UTC)
MONDAY_MORNING = dt.datetime(2026, 11, 23, 0, 10, tzinfo=dt.UTC)
WEDNESDAY = dt.datetime(2026, 11, 25, 15, 0, tzinfo=dt.UTC)


def rows():
    """How many rows there are, of everything that the command makes."""
    return [
        model.objects.count()
        for model in (
            User,
            Organization,
            Membership,
            LogHead,
            TaskEvent,
            Task,
            Notification,
            Watch,
            Mute,
            Visit,
        )
    ]


def _tasks(notifications):
    """Keys of the tasks that they are about."""
    events = TaskEvent.objects.filter(pk__in=notifications.values("event_id")).select_related("organization")
    return {event.key for event in events}


@pytest.fixture(scope="class")
def seeded(django_db_setup, django_db_blocker):
    """Seeded once for all tests of a class, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo")
        yield
        transaction.set_rollback(True)


@pytest.mark.xdist_group("seeded")  # in one worker: seeding takes longer than all of them
@pytest.mark.usefixtures("seeded")
class TestSeeded:
    def test_the_organizations_and_their_people(self):
        roles = Membership.objects.values_list("organization__slug", "user__username", "role")
        assert set(roles) == {
            ("acme", "alice", "owner"),
            ("acme", "bob", "member"),
            ("acme", "carol", "member"),
            ("globex", "carol", "owner"),
            ("globex", "dave", "member"),
        }

    @pytest.mark.parametrize("username", PEOPLE)
    def test_everyone_can_sign_in(self, client, username):
        assert client.login(username=username, password="demo")

    def test_only_alice_is_an_administrator(self):
        assert User.objects.get(is_staff=True).username == "alice"
        assert User.objects.get(is_superuser=True).username == "alice"

    def test_as_much_as_promised(self):
        assert 55 <= Task.objects.count() <= 70
        assert 300 <= TaskEvent.objects.count() <= 900
        assert 25 <= Task.objects.filter(status__in=ACTIVE, archived=False).count() <= 35

    def test_every_kind_of_task_is_there(self):
        assert set(Task.objects.values_list("status", flat=True)) == {
            "open",
            "in_progress",
            "done",
            "cancelled",
        }
        assert Task.objects.filter(archived=True).exists()
        active = Task.objects.filter(status__in=ACTIVE, archived=False)
        assert active.filter(due_date__lt=timezone.localdate()).exists()
        assert active.filter(due_date__gt=timezone.localdate()).exists()
        assert active.filter(assignee=None).exists()

    def test_tasks_have_the_keys_that_the_scripts_give_them(self):
        created = TaskEvent.objects.filter(action="created").select_related("organization")
        scripted = {story.key: story.title for cast in CASTS for story in stories_of(cast)}
        assert {event.key: event.subject for event in created} == scripted

    def test_what_people_write_speaks_of_members_and_of_tasks_that_are_there(self):
        keys = set()
        for event in TaskEvent.objects.order_by("pk").readable():
            keys.add(event.key)
            text = event.body or ""
            assert len(mentioned_names(text, PEOPLE)) == len(event.details.get("mentions", [])), text
            assert text.count("@") == len(event.details.get("mentions", [])), text
            assert keys.issuperset(KEY.findall(text)), text

    def test_the_log_and_the_projection_are_whole(self):
        for organization in Organization.objects.all():
            assert_the_log_holds(organization.pk)
        assert_every_fold_is_its_row()

    def test_times_rise_with_ids_over_the_last_month(self):
        times = list(TaskEvent.objects.order_by("pk").values_list("created_at", flat=True))
        assert all(before <= after for before, after in pairwise(times))
        assert dt.timedelta(minutes=1) < timezone.now() - times[-1] < dt.timedelta(minutes=10)
        assert dt.timedelta(days=27) < timezone.now() - times[0] < dt.timedelta(days=33)

    @pytest.mark.parametrize("username", PEOPLE)
    def test_everyone_has_read_most_but_not_all(self, username):
        told = Notification.objects.filter(recipient__username=username)
        unread = told.filter(state=State.UNREAD)
        assert unread.count() == DESKS[username].unread_in_all
        assert told.count() > 5 * unread.count()
        week_ago = timezone.now() - dt.timedelta(days=7)
        assert not unread.filter(event__created_at__lt=week_ago).exists()
        assert unread.filter(event__created_at__gt=timezone.now() - dt.timedelta(hours=3)).exists()

    @pytest.mark.parametrize("username", PEOPLE)
    def test_desks_are_as_they_were_left(self, username):
        told = Notification.objects.filter(recipient__username=username)
        desk = DESKS[username]
        assert _tasks(told.filter(state=State.SAVED)) == {*desk.saved}
        assert _tasks(told.filter(state=State.DONE)) == {*desk.done}
        assert _tasks(told.filter(state=State.SNOOZED, snoozed_until__gt=timezone.now())) == {*desk.snoozed}
        came_back = told.filter(state=State.UNREAD, snoozed_until__lt=timezone.now())
        assert _tasks(came_back) == {*desk.back}
        assert _tasks(told.filter(state=State.UNREAD)) == {*desk.unread, *desk.back}

    def test_bob_has_one_of_everything(self):
        told = Notification.objects.filter(recipient__username="bob")
        assert {Reason.MENTIONED, Reason.ASSIGNED, Reason.ORG} <= {
            *told.filter(state=State.UNREAD).values_list("reason", flat=True)
        }
        assert Mute.objects.filter(user__username="bob").count() == 1

    def test_what_people_do_with_comments_and_labels_is_there(self):
        actions = {*TaskEvent.objects.values_list("action", flat=True)}
        assert {"comment_edited", "reacted", "labels_changed"} <= actions
        assert TaskEvent.objects.filter(parts__gt=1).count() >= 10  # saves of several changes
        labelled = Task.objects.exclude(labels=[])
        assert labelled.count() > Task.objects.count() / 2
        assert TaskEvent.objects.filter(task_number=43).count() >= 30
        spoken = "\n".join(TaskEvent.objects.filter(action="commented").values_list("text__body", flat=True))
        assert all(mark in spoken for mark in MARKDOWN)

    @pytest.mark.parametrize("username", PEOPLE)
    def test_everyone_looked_last_some_days_ago(self, username):
        visit = Visit.objects.get(user__username=username)
        assert timezone.now() - visit.last_at > dt.timedelta(days=2)
        places = parse_many(visit.last)
        mine = Membership.objects.filter(user__username=username)
        assert {*places} == {*mine.values_list("organization_id", flat=True)}
        for org_id, place in places.items():
            newer = TaskEvent.objects.filter(organization_id=org_id, position__gt=place.position)
            assert newer.exists()
            assert newer.order_by("position").first().created_at > visit.last_at

    def test_a_second_run_is_refused_and_changes_nothing(self):
        before = rows()
        with pytest.raises(CommandError, match="already has organizations"):
            call_command("seed_demo")
        assert rows() == before


@pytest.mark.django_db
class TestNothingHalf:
    def test_interrupted_it_leaves_nothing_behind(self, monkeypatch):
        calls = iter(range(30))

        def interrupted(*args, **options):
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return execute_together(*args, **options)

        execute_together = stage.execute_together
        monkeypatch.setattr(stage, "execute_together", interrupted)
        before = rows()
        with pytest.raises(KeyboardInterrupt):
            call_command("seed_demo")
        assert next(calls, None) is None
        assert rows() == before

    def test_an_organization_of_somebody_else_is_left_alone(self):
        OrganizationFactory()
        before = rows()
        with pytest.raises(CommandError, match="already has organizations"):
            call_command("seed_demo")
        assert rows() == before

    def test_an_account_with_one_of_the_names_is_left_alone(self):
        UserFactory(username="Alice")
        with pytest.raises(CommandError, match="an account named 'Alice'"):
            call_command("seed_demo")
        assert User.objects.count() == 1


class TestTimes:
    @pytest.mark.parametrize("now", [SUNDAY_NIGHT, MONDAY_MORNING, WEDNESDAY])
    def test_a_story_goes_forward_in_working_hours(self, now):
        for story in chain.from_iterable(map(stories_of, CASTS)):
            times = moments(story, now)
            assert all(before < after for before, after in pairwise(times)), story.key
            assert times[-1] < now
            for step, at in zip(story.steps, times, strict=True):
                fresh = step.when.days == 0
                assert fresh or (at.weekday() < 5 and dt.time(9) <= at.time() < dt.time(18)), (story.key, at)

    @pytest.mark.parametrize("now", [SUNDAY_NIGHT, MONDAY_MORNING, WEDNESDAY])
    def test_tasks_are_opened_in_the_order_of_their_keys(self, now):
        for cast in CASTS:
            opened = [moments(story, now)[0] for story in stories_of(cast)]
            assert opened == sorted(opened)

    def test_the_same_moment_gives_the_same_times(self):
        story = stories_of(CASTS[0])[0]
        assert moments(story, WEDNESDAY) == moments(story, WEDNESDAY)

    @pytest.mark.parametrize(
        ("today", "offset", "expected"),
        [
            ("2026-11-25", 0, "2026-11-25"),
            ("2026-11-22", 0, "2026-11-23"),
            ("2026-11-22", -1, "2026-11-20"),
            ("2026-11-20", 1, "2026-11-23"),
            ("2026-11-23", -6, "2026-11-13"),
        ],
    )
    def test_working_days_leave_weekends_out(self, today, offset, expected):
        assert working_day(dt.date.fromisoformat(today), offset) == dt.date.fromisoformat(expected)
