"""`execute` end to end: a command becomes events, rows and one announcement, or an error and nothing at all."""

import datetime as dt
import uuid

import pytest
from django.db import transaction

from base.announcements import announced, org_group_name
from base.errors import Conflict, Forbidden, Invalid, NotFound
from events.models import LogHead, TaskEvent
from inbox.models import Notification, Watch
from membership import services as orgs
from orgs.models import Membership, Organization
from tasks import commands
from tasks.models import Task
from tasks.services import execute, execute_together
from tests.factories import OrganizationFactory, UserFactory
from tests.tasks.acme import Level, Role, assign, carry_out, comment, move, new_task
from tests.tasks.invariants import (
    assert_everybody_is_told_right,
    assert_the_fold_is_the_row,
    assert_the_log_holds,
    counts,
    delivered_reasons,
)

pytestmark = pytest.mark.django_db

FRIDAY = dt.date(2026, 11, 27)


class TestOneCommand:
    def test_creating_writes_the_log_the_row_and_the_inboxes(self, acme):
        task = new_task(
            acme,
            actor=acme.alice,
            description="Ask @bob",
            assignee_id=acme.carol.pk,
            due_date=FRIDAY,
        )
        events = assert_the_log_holds(acme.pk)
        assert [event.action for event in events] == ["created", "assignee_changed", "due_date_changed"]
        assert {event.subject for event in events} == {"Fix the door"}
        assert (task.key, task.version, task.status) == ("ACME-1", 3, "open")
        assert (task.creator, task.assignee, task.due_date) == (acme.alice, acme.carol, FRIDAY)
        assert_everybody_is_told_right(events)
        assert [event.parts for event in events] == [0, 0, 3]
        assert [delivered_reasons(event) for event in events[:2]] == [{}, {}]
        assert delivered_reasons(events[2]) == {
            acme.bob.pk: "mentioned",
            acme.carol.pk: "assigned",
            acme.vera.pk: "org",
        }

    def test_every_command_keeps_the_row_equal_to_the_fold(self, acme):
        task = new_task(acme, actor=acme.alice)
        for command in (
            commands.RenameTask(task_id=task.pk, title="Mend the door"),
            commands.DescribeTask(task_id=task.pk, description="Ask @bob."),
            commands.ChangeStatus(task_id=task.pk, status="in_progress"),
            commands.AssignTask(task_id=task.pk, assignee_id=acme.bob.pk),
            commands.SetDueDate(task_id=task.pk, due_date=FRIDAY),
            commands.CommentOnTask(task_id=task.pk, text="@carol, look."),
            commands.AssignTask(task_id=task.pk, assignee_id=None),
            commands.SetDueDate(task_id=task.pk, due_date=None),
            commands.ArchiveTask(task_id=task.pk),
            commands.RestoreTask(task_id=task.pk),
        ):
            events = carry_out(command, actor=acme.carol)
            assert len(events) == 1
            assert_everybody_is_told_right(events)
        assert len(assert_the_log_holds(acme.pk)) == 11

    def test_a_title_stands_on_the_event_as_it_was_then(self, acme):
        task = new_task(acme, actor=acme.alice, title="First")
        commented = comment(task, actor=acme.alice)
        (renamed,) = carry_out(commands.RenameTask(task_id=task.pk, title="Second"), actor=acme.alice)
        moved = move(task, "done", actor=acme.alice)
        assert [event.subject for event in (commented, renamed, moved)] == ["First", "Second", "Second"]

    def test_the_moment_is_the_askers_for_data_from_the_past(self, acme):
        moment = dt.datetime(2026, 10, 1, 9, 30, 0, 17, tzinfo=dt.timezone(dt.timedelta(hours=2)))
        task = new_task(acme, actor=acme.alice)
        (event,) = carry_out(
            commands.ChangeStatus(task_id=task.pk, status="done"), actor=acme.alice, now=moment
        )
        assert TaskEvent.objects.get(pk=event.pk).created_at == moment
        assert Task.objects.get(pk=task.pk).updated_at == moment
        assert_the_log_holds(acme.pk)

    def test_text_of_any_script_survives_with_its_digest(self, acme):
        title = "Tür 門 🚪 ﷺ e\u0301 ' \" \\ % _ </script>"
        task = new_task(acme, actor=acme.alice, title=title, description=title)
        comment(task, title, actor=acme.bob)
        assert (task.title, task.description) == (title, title)
        assert_the_log_holds(acme.pk)

    def test_nul_bytes_are_left_out(self, acme):
        task = new_task(acme, actor=acme.alice, title="Fi\x00x", description="a\x00b")
        assert (task.title, task.description) == ("Fix", "ab")

    def test_the_returned_events_are_the_stored_ones(self, acme):
        task = new_task(acme, actor=acme.alice)
        event = move(task, "done", actor=acme.bob)
        stored = TaskEvent.objects.get(position=2, organization=acme.organization)
        for field in TaskEvent._meta.concrete_fields:
            assert getattr(event, field.attname) == getattr(stored, field.attname), field.name


class TestNothingHappens:
    @pytest.mark.parametrize(
        ("kind", "fields"),
        [
            (commands.RenameTask, {"title": "Fix the door"}),
            (commands.DescribeTask, {"description": ""}),
            (commands.ChangeStatus, {"status": "open"}),
            (commands.AssignTask, {"assignee_id": None}),
            (commands.SetDueDate, {"due_date": None}),
            (commands.RestoreTask, {}),
        ],
    )
    def test_a_command_that_changes_nothing_leaves_no_trace(
        self, acme, announcements, django_capture_on_commit_callbacks, kind, fields
    ):
        task = new_task(acme, actor=acme.alice)
        before = counts()
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            assert execute(kind(task_id=task.pk, **fields), actor=acme.bob) == []
        assert counts() == before
        assert (callbacks, announcements) == ([], [])

    def test_creating_twice_creates_once(self, acme):
        command = commands.CreateTask(organization_id=acme.pk, title="Once", task_id=uuid.uuid4())
        assert len(execute(command, actor=acme.alice)) == 1
        assert execute(command, actor=acme.alice) == []
        assert Task.objects.count() == 1

    def test_creating_without_an_id_makes_one(self, acme):
        command = commands.CreateTask(organization_id=acme.pk, title="Twice")
        (first,), (second,) = execute(command, actor=acme.alice), execute(command, actor=acme.alice)
        assert first.stream_id != second.stream_id
        assert_the_fold_is_the_row(first.stream_id)


class TestRefused:
    """A refused command leaves nothing behind: no event, no row, the head unchanged, nothing announced."""

    @pytest.fixture
    def task(self, acme):
        return new_task(acme, actor=acme.alice)

    @pytest.fixture(autouse=True)
    def leaves_nothing_behind(self, task, announcements, django_capture_on_commit_callbacks):
        before = counts()
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            yield
        assert counts() == before
        assert (callbacks, announcements) == ([], [])
        assert_the_fold_is_the_row(task.pk)

    def test_what_cannot_be_meant(self, acme, task):
        with pytest.raises(Invalid, match="needs a title"):
            execute(commands.RenameTask(task_id=task.pk, title=" "), actor=acme.alice)

    def test_a_creation_half_of_which_cannot_be_meant(self, acme, globex):
        command = commands.CreateTask(organization_id=acme.pk, title="x", assignee_id=globex.hank.pk)
        with pytest.raises(Invalid, match="can only be assigned to a member"):
            execute(command, actor=acme.alice)

    def test_a_viewer(self, acme, task):
        with pytest.raises(Forbidden, match="Viewers can read"):
            execute(commands.CommentOnTask(task_id=task.pk, text="x"), actor=acme.vera)
        with pytest.raises(Forbidden, match="Viewers can read"):
            execute(commands.CreateTask(organization_id=acme.pk, title="x"), actor=acme.vera)

    def test_a_stranger(self, globex, task):
        with pytest.raises(NotFound):
            execute(commands.ChangeStatus(task_id=task.pk, status="done"), actor=globex.gina)

    def test_a_stranger_who_creates(self, acme, globex):
        with pytest.raises(NotFound):
            execute(commands.CreateTask(organization_id=acme.pk, title="x"), actor=globex.gina)

    def test_an_organization_that_does_not_exist(self, acme):
        with pytest.raises(NotFound):
            execute(commands.CreateTask(organization_id=10**9, title="x"), actor=acme.alice)

    def test_a_task_that_does_not_exist(self, acme):
        with pytest.raises(NotFound):
            execute(commands.ArchiveTask(task_id=uuid.uuid4()), actor=acme.alice)

    def test_somebody_who_left(self, acme, task):
        carol = acme.carol
        acme.membership(carol).delete()
        with pytest.raises(NotFound):
            execute(commands.ChangeStatus(task_id=task.pk, status="done"), actor=carol)

    def test_a_closed_account(self, acme, task):
        carol = acme.carol
        carol.is_active = False
        carol.save()
        with pytest.raises(NotFound):
            execute(commands.ChangeStatus(task_id=task.pk, status="done"), actor=carol)

    @pytest.mark.parametrize("who", ["stranger", "left", "closed account"])
    def test_an_assignee_who_is_no_member(self, acme, globex, task, who):
        match who:
            case "stranger":
                user = globex.hank
            case "left":
                user = UserFactory(username="gone")
            case _:
                user = acme.join("closed")
                user.is_active = False
                user.save()
        with pytest.raises(Invalid, match="can only be assigned to a member"):
            execute(commands.AssignTask(task_id=task.pk, assignee_id=user.pk), actor=acme.alice)

    def test_an_id_beyond_every_number(self, acme, task):
        with pytest.raises(Invalid, match="can only be assigned to a member"):
            execute(commands.AssignTask(task_id=task.pk, assignee_id=10**17), actor=acme.alice)


def test_the_id_of_a_foreign_task_cannot_be_taken(acme, globex):
    """Whoever knows the id of a foreign task learns nothing by it and breaks nothing with it."""
    foreign = new_task(globex, actor=globex.gina)
    before = counts()
    command = commands.CreateTask(organization_id=acme.pk, title="Mine", task_id=foreign.pk)
    with pytest.raises(NotFound):
        execute(command, actor=acme.alice)
    assert counts() == before
    assert_the_fold_is_the_row(foreign.pk)


class TestExpectedVersion:
    def test_the_current_version_is_accepted(self, acme):
        task = new_task(acme, actor=acme.alice)
        carry_out(commands.RenameTask(task_id=task.pk, title="x", expected_version=1), actor=acme.bob)

    def test_a_stale_version_is_refused_and_says_who_changed_what(self, acme):
        task = new_task(acme, actor=acme.alice)
        assign(task, acme.carol, actor=acme.bob)
        move(task, "in_progress", actor=acme.carol)
        before = counts()
        with pytest.raises(Conflict) as refused:
            execute(
                commands.RenameTask(task_id=task.pk, title="x", expected_version=1),
                actor=acme.alice,
            )
        assert "Bob assigned it to Carol; Carol moved it from Open to In progress" in refused.value.message
        assert counts() == before

    def test_only_what_came_after_is_named(self, acme):
        task = new_task(acme, actor=acme.alice)
        move(task, "in_progress", actor=acme.carol)
        move(task, "done", actor=acme.bob)
        with pytest.raises(Conflict) as refused:
            execute(commands.ArchiveTask(task_id=task.pk, expected_version=2), actor=acme.alice)
        assert "Bob moved it" in refused.value.message
        assert "Carol" not in refused.value.message

    def test_after_many_changes_the_last_three_are_named(self, acme):
        task = new_task(acme, actor=acme.alice)
        for status in ("in_progress", "done", "cancelled", "open"):
            move(task, status, actor=acme.bob)
        with pytest.raises(Conflict) as refused:
            execute(commands.ArchiveTask(task_id=task.pk, expected_version=1), actor=acme.alice)
        assert refused.value.message.count("Bob moved") == 3
        assert "to Open" in refused.value.message

    def test_a_stale_version_is_refused_even_when_nothing_would_change(self, acme):
        task = new_task(acme, actor=acme.alice)
        move(task, "done", actor=acme.bob)
        with pytest.raises(Conflict):
            execute(
                commands.ChangeStatus(task_id=task.pk, status="done", expected_version=1),
                actor=acme.alice,
            )

    def test_without_one_the_last_word_counts(self, acme):
        task = new_task(acme, actor=acme.alice)
        move(task, "done", actor=acme.bob)
        assert move(task, "open", actor=acme.alice).details == {"from": "done", "to": "open"}


class TestTogether:
    def test_all_are_carried_out(self, acme):
        task = new_task(acme, actor=acme.alice)
        events = execute_together(
            [
                commands.RenameTask(task_id=task.pk, title="Mend", expected_version=1),
                commands.DescribeTask(task_id=task.pk, description="x"),
                commands.SetDueDate(task_id=task.pk, due_date=None),
            ],
            actor=acme.bob,
        )
        assert [event.action for event in events] == ["renamed", "described"]
        assert_the_fold_is_the_row(task.pk)
        assert_the_log_holds(acme.pk)

    def test_or_none(self, acme, announcements, django_capture_on_commit_callbacks):
        task = new_task(acme, actor=acme.alice)
        before = counts()
        with (
            django_capture_on_commit_callbacks(execute=True),
            pytest.raises(Invalid, match="status does not exist"),
        ):
            execute_together(
                [
                    commands.RenameTask(task_id=task.pk, title="Mend"),
                    commands.ChangeStatus(task_id=task.pk, status="nonsense"),
                ],
                actor=acme.bob,
            )
        assert counts() == before
        assert announcements == []
        assert_the_fold_is_the_row(task.pk)


class TestNumbers:
    def test_are_dense_in_each_organization(self, acme, globex):
        numbers = [new_task(acme, actor=acme.alice).number for _ in range(3)]
        assert (numbers, new_task(globex, actor=globex.gina).number) == ([1, 2, 3], 1)

    def test_of_archived_tasks_are_not_given_again(self, acme):
        task = new_task(acme, actor=acme.alice)
        carry_out(commands.ArchiveTask(task_id=task.pk), actor=acme.alice)
        assert new_task(acme, actor=acme.alice).number == 2

    def test_of_refused_creations_are_given_again(self, acme):
        with pytest.raises(Invalid):
            execute(commands.CreateTask(organization_id=acme.pk, title=""), actor=acme.alice)
        assert new_task(acme, actor=acme.alice).number == 1


class TestLogHead:
    def test_appears_when_an_organization_first_needs_it(self):
        organization = Organization.objects.create(name="Plain", slug="plain")
        user = UserFactory()
        Membership.objects.create(organization=organization, user=user, role=Role.MEMBER)
        execute(commands.CreateTask(organization_id=organization.pk, title="x"), actor=user)
        assert LogHead.objects.get(organization=organization).position == 1
        assert_the_log_holds(organization.pk)

    def test_logs_do_not_mix(self, acme, globex):
        for _ in range(2):
            new_task(acme, actor=acme.alice)
            new_task(globex, actor=globex.gina)
        assert len(assert_the_log_holds(acme.pk)) == len(assert_the_log_holds(globex.pk)) == 2


class TestMentions:
    def test_members_are_found_whatever_the_case(self, acme):
        task = new_task(acme, actor=acme.alice)
        event = comment(task, "@CAROL @Bob", actor=acme.alice)
        assert event.details["mentions"] == [acme.carol.pk, acme.bob.pk]

    def test_strangers_closed_accounts_and_inventions_are_no_mentions(self, acme, globex):
        closed = acme.join("closed")
        closed.is_active = False
        closed.save()
        task = new_task(acme, actor=acme.alice)
        event = comment(task, "@gina @closed @invented", actor=acme.alice)
        assert event.details["mentions"] == []

    def test_a_name_in_another_script_is_found(self, acme):
        ursula = acme.join("Ürsula")
        task = new_task(acme, actor=acme.alice)
        event = comment(task, "@Ürsula", actor=acme.alice)
        assert event.details["mentions"] == [ursula.pk]

    def test_the_longest_name_of_a_member_wins(self, acme, globex):
        jo, address = acme.join("jo"), acme.join("Jo@acme.example")
        globex.join("jo@acme.org")
        task = new_task(acme, actor=acme.alice)
        told = [
            comment(task, text, actor=acme.alice).details["mentions"]
            for text in ("@jo@acme.example", "@jo@acme.org", "Mail jo@acme.example", "@jo.")
        ]
        assert told == [[address.pk], [jo.pk], [], [jo.pk]]

    def test_whoever_was_not_called_before_is_called_by_an_edit(self, acme):
        """The names of the old text are known too: `jo` was not meant by the longer one."""
        jo, _ = acme.join("jo"), acme.join("jo@acme.example")
        task = new_task(acme, actor=acme.alice, description="@jo@acme.example")
        (event,) = carry_out(commands.DescribeTask(task_id=task.pk, description="Ask @jo."), actor=acme.alice)
        assert event.details["mentions"] == [jo.pk]

    def test_fifty_are_told_and_nobody_is_left_out(self, acme):
        people = [acme.join(f"person{number}") for number in range(50)]
        task = new_task(acme, actor=acme.alice)
        text = " ".join(f"@{person.username}" for person in people) + " @nobody" * 100
        assert comment(task, text, actor=acme.alice).details["mentions"] == [person.pk for person in people]

    def test_a_pattern_is_no_name(self, acme):
        task = new_task(acme, actor=acme.alice)
        assert comment(task, "@b_b @car__", actor=acme.alice).details["mentions"] == []

    def test_a_text_full_of_names_is_read_with_few_queries(self, acme, django_assert_max_num_queries):
        task = new_task(acme, actor=acme.alice)
        with django_assert_max_num_queries(20):
            execute(
                commands.CommentOnTask(
                    task_id=task.pk, text=" ".join(f"@name{number}" for number in range(1_500))
                ),
                actor=acme.alice,
            )


class TestAnnouncing:
    def test_one_message_for_a_command_after_the_commit(
        self, acme, announcements, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            command = commands.CreateTask(
                organization_id=acme.pk, title="x", description="@bob", assignee_id=acme.carol.pk
            )
            created, assigned = execute(command, actor=acme.alice)
            assert announcements == []
        ((group, message),) = announcements
        assert group == org_group_name(acme.pk)
        assert (message["type"], message["org_id"]) == ("log.appended", acme.pk)
        frames = [event["frame"] for event in message["events"]]
        assert [frame["event_id"] for frame in frames] == [created.pk, assigned.pk]
        assert [frame["position"] for frame in frames] == [1, 2]
        assert frames[1]["sentence"] == "Alice assigned ACME-1 to Carol"
        assert dict(message["events"][1]["participants"]) == {
            acme.alice.pk: "creator",
            acme.bob.pk: "mentioned",
            acme.carol.pk: "assigned",
        }
        assert (message["events"][0]["participants"], message["events"][0]["to_all"]) == ([], False)
        assert "save" not in frames[0]
        assert frames[1]["save"] == {
            "events": [created.pk, assigned.pk],
            "sentence": "Alice created ACME-1 and assigned it to Carol",
        }

    def test_carries_the_version_of_the_membership_that_rows_were_delivered_by(
        self, acme, announcements, django_capture_on_commit_callbacks
    ):
        task = new_task(acme, actor=acme.alice)
        orgs.change_level(membership=acme.membership(acme.carol), level=Level.MUTED)
        with django_capture_on_commit_callbacks(execute=True):
            move(task, "done", actor=acme.alice)
        acme.organization.refresh_from_db()
        ((_, message),) = announcements
        assert message["membership_version"] == acme.organization.membership_version == 1

    def test_a_rollback_is_silent(self, acme, announcements, django_capture_on_commit_callbacks):
        task = new_task(acme, actor=acme.alice)
        before = counts()
        with (
            django_capture_on_commit_callbacks(execute=True) as callbacks,
            pytest.raises(ZeroDivisionError),
            transaction.atomic(),
        ):
            move(task, "done", actor=acme.alice)
            raise ZeroDivisionError
        assert (counts(), callbacks, announcements) == (before, [], [])
        assert_the_log_holds(acme.pk)

    def test_a_rolled_back_savepoint_is_silent_and_the_rest_is_told(
        self, acme, announcements, django_capture_on_commit_callbacks
    ):
        task = new_task(acme, actor=acme.alice)
        with django_capture_on_commit_callbacks(execute=True):
            move(task, "in_progress", actor=acme.alice)
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                move(task, "done", actor=acme.alice)
                raise ZeroDivisionError
            move(task, "cancelled", actor=acme.alice)
        told = [event["frame"] for _, message in announcements for event in message["events"]]
        assert [frame["details"]["to"] for frame in told] == ["in_progress", "cancelled"]
        assert [frame["position"] for frame in told] == [2, 3]
        assert_the_log_holds(acme.pk)

    def test_a_receiver_that_raises_hurts_nobody(
        self, acme, announcements, django_capture_on_commit_callbacks, caplog
    ):
        def broken(**_):
            raise RuntimeError("The receiver fell over.")

        announced.connect(broken)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                task = new_task(acme, actor=acme.alice)
                move(task, "done", actor=acme.alice)
        finally:
            announced.disconnect(broken)
        assert len(announcements) == 2
        assert Task.objects.get(pk=task.pk).status == "done"
        assert "The receiver fell over." in caplog.text


class TestWatching:
    def test_a_watcher_of_level_participating_is_told(self, acme):
        dave = acme.join("dave", level=Level.PARTICIPATING)
        task = new_task(acme, actor=acme.alice)
        assert dave.pk not in delivered_reasons(move(task, "done", actor=acme.alice))
        Watch.objects.create(user=dave, stream_id=task.pk)
        event = move(task, "open", actor=acme.alice)
        assert delivered_reasons(event)[dave.pk] == "watching"
        assert_everybody_is_told_right([event])

    def test_of_one_task_says_nothing_of_another(self, acme):
        dave = acme.join("dave", level=Level.PARTICIPATING)
        watched, other = new_task(acme, actor=acme.alice), new_task(acme, actor=acme.alice)
        Watch.objects.create(user=dave, stream_id=watched.pk)
        assert dave.pk not in delivered_reasons(move(other, "done", actor=acme.alice))

    def test_does_not_outlive_membership(self, acme):
        dave = acme.join("dave")
        task = new_task(acme, actor=acme.alice)
        Watch.objects.create(user=dave, stream_id=task.pk)
        orgs.remove_member(by=acme.membership(acme.alice), user_id=dave.pk)
        assert dave.pk not in delivered_reasons(move(task, "done", actor=acme.alice))


def test_inboxes_of_other_organizations_stay_empty(acme, globex):
    OrganizationFactory().memberships.create(user=acme.alice)
    move(new_task(acme, actor=acme.alice), "done", actor=acme.bob)
    assert set(Notification.objects.values_list("organization_id", flat=True)) == {acme.pk}
    assert not Notification.objects.filter(recipient__in=[globex.gina, globex.hank]).exists()
