"""One save is one piece of news: in inboxes, in frames whichever way they come, and to whoever derives or asks."""

import datetime as dt
import html

import msgspec
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from base.errors import Conflict
from events import append_only
from events.models import TaskEvent
from inbox.event_frames import appended_in_order
from inbox.listing import names_for, rows_of
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes
from inbox.rebuild_inbox import rebuild_inbox
from inbox.row_events import row_news
from inbox.why import why
from membership import services as orgs
from orgs.models import User
from tasks import commands
from tasks.services import execute_together
from tests.audits import findings, no_bars
from tests.factories import UserFactory
from tests.inbox.replays import frames_of, org_replay, user_replay
from tests.tasks.acme import Level, comment, new_task, signed_in
from tests.tasks.invariants import assert_everybody_is_told_right, assert_the_fold_is_the_row

pytestmark = pytest.mark.django_db

FRIDAY = dt.date(2026, 11, 28)
SENTENCE = "Alice moved ACME-1 from Open to Done, assigned it to Bob and set its due date to 28 Nov"


def edit(task, actor, **fields):
    """Three changes by one request."""
    return execute_together(
        [
            commands.ChangeStatus(task_id=task.pk, status="done", **fields),
            commands.AssignTask(task_id=task.pk, assignee_id=User.objects.get(username="bob").pk),
            commands.SetDueDate(task_id=task.pk, due_date=FRIDAY),
        ],
        actor=actor,
    )


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.carol)


@pytest.fixture
def save(acme, task):
    return edit(task, acme.alice)


def reasons():
    rows = Notification.objects.order_by("event_id", "recipient__username")
    return list(rows.values_list("event__position", "recipient__username", "reason"))


def test_each_is_told_once_with_the_last_event_for_the_strongest_reason(acme, save):
    assert [(event.version, event.parts) for event in save] == [(2, 0), (3, 0), (4, 3)]
    assert reasons()[3:] == [(4, "bob", "assigned"), (4, "carol", "creator"), (4, "vera", "org")]
    assert_everybody_is_told_right(save)
    assert findings() == []


def test_it_is_decided_as_each_command_leaves_it(acme, task):
    events = execute_together(
        [
            commands.RenameTask(task_id=task.pk, title="One"),
            commands.RenameTask(task_id=task.pk, title="Two"),
            commands.RenameTask(task_id=task.pk, title="Two"),
            commands.DescribeTask(task_id=task.pk, description="@vera"),
            commands.DescribeTask(task_id=task.pk, description="@vera @bob"),
        ],
        actor=acme.alice,
    )
    assert [event.subject for event in events] == ["One", "Two", "Two", "Two"]
    assert [event.details.get("mentions") for event in events[2:]] == [[acme.vera.pk], [acme.bob.pk]]
    assert [event.parts for event in events] == [0, 0, 0, 4]
    assert_the_fold_is_the_row(task.pk)
    assert_everybody_is_told_right(events)


def test_of_two_tasks_each_is_a_save_of_its_own(acme, task):
    other = new_task(acme, actor=acme.carol)
    done = [commands.ChangeStatus(task_id=each.pk, status="done") for each in (task, other, task)]
    due = [commands.SetDueDate(task_id=each.pk, due_date=FRIDAY) for each in (task, other)]
    events = execute_together([*done, *due], actor=acme.alice)
    assert [(event.task_number, event.parts) for event in events] == [(1, 0), (1, 2), (2, 0), (2, 2)]


def test_its_frames_are_the_same_whichever_way_they_come(
    acme, task, announcements, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        save = edit(task, acme.alice)
    ((_, message),) = announcements
    live = [event["frame"] for event in message["events"]]
    assert ["save" in frame for frame in live] == [False, False, True]
    assert live[2]["save"] == {"events": [event.pk for event in save], "sentence": SENTENCE}
    assert [event["to_all"] for event in message["events"]] == [False, False, True]
    assert [bool(event["participants"]) for event in message["events"]] == [False, False, True]
    assert live[2]["sentence"] == "Alice set ACME-1’s due date to 28 Nov"

    last = TaskEvent.objects.readable().filter(pk=save[2].pk)
    read_again = [msgspec.json.decode(event.frame) for event in appended_in_order(last)]
    assert read_again == live[2:]

    places = org_inboxes(acme.bob.pk)
    marked = [frame | {"notification": None, "replayed": True} for frame in live]
    marked[2]["notification"] = {"id": save[2].pk, "reason": "assigned", "unread": True, "state": "unread"}
    assert frames_of(org_replay(places[0], acme.bob.pk, None))[1:] == marked
    assert frames_of(user_replay(places, acme.bob.pk, None))[1:] == marked[2:]


def test_a_replay_asks_once_for_the_parts_of_all_saves(acme):
    tasks = [new_task(acme, actor=acme.carol) for _ in range(3)]
    counts = []
    for others in ([], tasks):
        for task in others:
            edit(task, acme.alice)
        places = org_inboxes(acme.bob.pk)
        with CaptureQueriesContext(connection) as queries:
            assert len(frames_of(user_replay(places, acme.bob.pk, None))) == 3 + len(others)
        counts.append(len(queries))
    assert counts[1] == counts[0] + 2  # the parts, and the names of the people that they speak of


def test_its_row_says_all_of_it(acme, save):
    news = row_news(acme.bob.pk, list(TaskEvent.objects.values_list("pk", flat=True)))
    (row, _) = rows_of(news, acme.bob.pk, names_for(news))
    said = SENTENCE.replace("ACME-1’s", "its").replace("ACME-1", "it").replace("Bob", "you")
    assert (row.sentence, row.reason) == (said, "assigned")


def test_inboxes_derived_anew_have_it_once(acme, save, globex):
    new_task(globex, actor=globex.gina, assignee_id=globex.hank.pk, description="@hank")
    drift = rebuild_inbox(None, no_bars)
    assert (drift.there, drift.missing, drift.extra, drift.reasons) == (7, 0, 0, 0)
    before = list(Notification.objects.order_by("event_id", "recipient_id").values())
    Notification.objects.all().delete()
    assert rebuild_inbox(None, no_bars).missing == 7
    assert list(Notification.objects.order_by("event_id", "recipient_id").values()) == before


def test_an_old_log_stays_as_it_was_told(acme, task):
    """Before there were saves a request's events were told one by one."""
    for command in (
        commands.ChangeStatus(task_id=task.pk, status="done"),
        commands.AssignTask(task_id=task.pk, assignee_id=acme.bob.pk),
    ):
        execute_together([command], actor=acme.alice)
    drift = rebuild_inbox(acme.pk, no_bars)
    assert (drift.there, drift.missing, drift.extra, drift.reasons) == (9, 0, 0, 0)
    assert "save" not in frames_of(org_replay(org_inboxes(acme.bob.pk)[0], acme.bob.pk, None))[-1]


@pytest.mark.parametrize("level", Level.values)
def test_why_asked_of_any_part_speaks_of_the_save(acme, task, level):
    orgs.change_level(membership=acme.membership(acme.bob), level=level)
    save = edit(task, acme.alice)
    for event in TaskEvent.objects.readable().filter(version__gt=1):
        answer = why(event, acme.bob)
        assert (answer.event.pk, answer.reason, answer.row) == (save[2].pk, "assigned", "assigned")
        assert (answer.agrees, why(event, acme.vera).agrees) == (True, True)


def test_a_notification_of_a_part_and_altered_parts_are_found(acme, save):
    note = Notification.objects.get(recipient=acme.vera, event=save[2])
    Notification.objects.filter(recipient=acme.vera, event=save[2]).update(event_id=save[0].pk)
    assert [finding.code for finding in findings()] == ["notification_of_part"]
    Notification.objects.filter(recipient=acme.vera).exclude(event__position=1).update(event_id=note.event_id)
    connection.check_constraints()
    with transaction.atomic():
        append_only.remove(connection)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE events_taskevent SET parts = 1 WHERE position = 3")
        assert [(finding.position, finding.code) for finding in findings()] == [(3, "event_altered")]
        transaction.set_rollback(True)


def test_a_new_organization_and_its_first_member_are_one_save(acme):
    organization = orgs.create_organization(
        name="Initech", slug="initech", owner=UserFactory(username="olga")
    )
    events = TaskEvent.objects.filter(organization=organization).order_by("position")
    assert list(events.values_list("action", "parts")) == [("organization_created", 0), ("member_joined", 2)]
    assert findings() == []


class TestPages:
    @pytest.fixture
    def client(self, acme):
        return signed_in(acme.bob)

    @staticmethod
    def lines(page):
        return [item["sentence"] for item in page.context["entries"]]

    def test_the_history_has_one_line(self, client, save):
        assert self.lines(client.get("/orgs/acme/history/")) == [SENTENCE, "Carol created ACME-1"]

    @pytest.mark.parametrize("action", ["status_changed", "assignee_changed", "due_date_changed"])
    def test_also_where_only_a_part_is_asked_for(self, client, save, action):
        assert self.lines(client.get(f"/orgs/acme/history/?action={action}")) == [SENTENCE]

    @pytest.mark.parametrize(
        ("filters", "size", "positions"),
        [
            ("", 1, [[7], [5], [4], [1]]),
            ("", 3, [[7, 5, 4], [1]]),
            ("action=described&", 1, [[7]]),
            ("text=door&", 1, [[7], [5], [1]]),  # both of its events have the word
            ("text=door&", 2, [[7], [5, 1]]),
            ("text=door&", 3, [[7, 5], [1]]),
        ],
    )
    def test_no_page_of_the_history_cuts_it(
        self, acme, client, task, save, monkeypatch, filters, size, positions
    ):
        comment(task, actor=acme.carol)
        renamed = commands.RenameTask(task_id=task.pk, title="Mend the door")
        execute_together(
            [renamed, commands.DescribeTask(task_id=task.pk, description="The door.")], actor=acme.alice
        )
        monkeypatch.setattr("tasks.log_listing.PAGE", size)

        def page(query):
            context = client.get(f"/orgs/acme/history/?{query}").context
            return context, [item["event"].position for item in context["entries"]]

        context, shown = page(filters)
        seen, steps = [shown], []
        while context["older"]:
            steps.append(shown)
            context, shown = page(context["older"])
            seen.append(shown)
        assert seen == positions
        for before in reversed(steps):
            context, shown = page(context["newer"])
            assert shown == before

    def test_a_timeline_has_one_entry_and_every_version_can_be_looked_at(self, client, save):
        page = client.get("/orgs/acme/tasks/1/")
        words = "Alice moved it from Open to Done, assigned it to Bob and set its due date to 28 Nov"
        assert [item["sentence"] for item in page.context["history"]] == ["Carol created it", words]
        then = client.get("/orgs/acme/tasks/1/?version=3")
        assert [item["sentence"] for item in then.context["history"]] == [
            "Carol created it",
            "Alice moved it from Open to Done and assigned it to Bob",
        ]

    def test_the_audit_tells_of_it_on_every_part(self, acme, save):
        User.objects.filter(pk=acme.alice.pk).update(is_staff=True, is_superuser=True)
        client = signed_in(acme.alice)
        for event in save:
            page = html.unescape(client.get(f"/admin/events/taskevent/{event.pk}/change/").content.decode())
            assert SENTENCE in page
            assert "0 of 3 read it." in page


def test_a_stale_form_is_refused_whole(acme, task):
    comment(task, actor=acme.bob)
    with pytest.raises(Conflict):
        edit(task, acme.alice, expected_version=1)
    assert TaskEvent.objects.count() == 2
