"""A task opened at one event; and what its page shows, its reader has read."""

import datetime as dt
import html
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import log
from events.models import TaskEvent
from inbox import marks
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes, read_again
from inbox.snoozed import wake_snoozed
from inbox.states import Act, State
from membership.facts import MemberJoined
from tasks import streams
from tasks.commands import ChangeStatus, CommentOnTask, RenameTask, SetDueDate
from tasks.facts import Commented
from tasks.services import execute, execute_together
from tests.tasks.acme import comment, move, new_task, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

TASK = "/orgs/acme/tasks/1/"
FEW = 20


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


@pytest.fixture
def short_pages(monkeypatch):
    monkeypatch.setattr(streams, "SHOWN", FEW)


def talk(acme, task, count):
    """Alice says 1, 2, 3 and so on."""
    said = [CommentOnTask(task_id=task.pk, text=f"This is {number}.") for number in range(1, count + 1)]
    return [event for command in said for event in execute(command, actor=acme.alice)]


def versions(page):
    assert page.status_code == 200
    return [item["event"].version for item in page.context["history"]]


def opened(page):
    return re.findall(r'id="event-(\d+)"[^>]*tabindex="-1"', page.content.decode())


def unread(user):
    found = Notification.objects.filter(recipient=user, state=State.UNREAD).order_by("event_id")
    return list(found.values_list("event_id", flat=True))


class TestOpening:
    def test_shows_the_event_wherever_it_is_in_hundreds(self, acme, bob, task):
        said = [log.Entry(Commented(f"This is {number}."), task.title) for number in range(300)]
        with transaction.atomic():
            events = log.append(
                log.lock_head(acme.pk), task.pk, 1, 1, said, actor=acme.alice, now=task.created_at
            )
        for event in (events[0], events[1], events[149], events[-2], events[-1]):
            page = bob.get(TASK, {"event": event.pk})
            assert event.version in versions(page)
            assert len(versions(page)) <= streams.SHOWN
            assert opened(page) == [str(event.pk)]
            assert not page.context["is_event_missing"]

    @pytest.mark.parametrize(
        ("version", "shown"),
        [(1, [*range(1, 12)]), (25, [*range(16, 36)]), (45, [*range(32, 52)]), (51, [*range(32, 52)])],
    )
    def test_shows_what_was_before_and_after_it(self, acme, bob, task, short_pages, version, shown):
        talk(acme, task, 50)
        event = TaskEvent.objects.get(version=version)
        assert versions(bob.get(TASK, {"event": event.pk})) == shown

    def test_shows_it_at_the_end_where_too_much_was_written_after_it(self, acme, bob, task, monkeypatch):
        monkeypatch.setattr(streams, "WRITTEN", 2_000)
        event = comment(task, "Here.", actor=acme.alice)
        comment(task, "x" * 3_000, actor=acme.alice)
        comment(task, "The last.", actor=acme.alice)
        assert versions(bob.get(TASK, {"event": event.pk})) == [1, 2]

    @pytest.mark.parametrize(
        "place", ["another task", "another organization", "none", "x", "-1", "9" * 30, "\x00"]
    )
    def test_of_an_event_that_is_not_there_says_so_and_shows_the_task(self, acme, globex, bob, task, place):
        other = {
            "another task": lambda: comment(new_task(acme, actor=acme.alice), actor=acme.alice).pk,
            "another organization": lambda: (
                comment(new_task(globex, actor=globex.gina), actor=globex.gina).pk
            ),
            "none": lambda: 10**17,
        }.get(place, lambda: place)()
        page = bob.get(TASK, {"event": other})
        assert versions(page) == [1]
        assert opened(page) == []
        assert "is not in this task’s history" in page.content.decode()

    def test_a_notification_leads_to_its_event(self, acme, bob, task):
        event = comment(task, "@bob look", actor=acme.alice)
        place = f"{TASK}?event={event.pk}#event-{event.pk}"
        assert (event.url_at, bob.get(f"/inbox/{event.pk}/")["Location"]) == (place, place)

    def test_a_subject_without_such_a_page_has_its_page(self, acme):
        joined = TaskEvent(organization=acme.organization, action=MemberJoined.action, details={})
        assert joined.url_at == "/orgs/acme/members/"

    def test_a_long_comment_is_folded_unless_somebody_came_for_it(self, acme, bob, task):
        long = comment(task, "A line.\n" * 40 + "The end.", actor=acme.alice)
        comment(task, "Short.", actor=acme.alice)
        folded, whole = bob.get(TASK).content.decode(), bob.get(TASK, {"event": long.pk}).content.decode()
        assert "The end." in folded
        assert re.findall(r'<details class="comment-unfold" *(open)?>', folded) == [""]
        assert re.findall(r'<details class="comment-unfold" *(open)?>', whole) == ["open"]

    def test_a_save_is_one_entry_which_any_of_its_events_opens(self, acme, bob, task):
        save = execute_together(
            [
                RenameTask(task_id=task.pk, title="Mend it", expected_version=1),
                SetDueDate(task_id=task.pk, due_date=dt.date(2026, 11, 30)),
                ChangeStatus(task_id=task.pk, status="done"),
            ],
            actor=acme.alice,
        )
        for event in save:
            page = bob.get(TASK, {"event": event.pk})
            assert versions(page) == [1, 4]
            assert page.context["history"][1]["is_opened"]
            assert f'id="event-{event.pk}"' in page.content.decode()
        assert unread(acme.bob) == []


class TestReadingByShowing:
    def test_all_that_was_unread_of_a_task_is_read_and_the_page_knows(self, acme, bob, task):
        other = new_task(acme, actor=acme.alice)
        talk(acme, task, 18)
        assert len(unread(acme.bob)) == 20
        page = bob.get(TASK)
        assert unread(acme.bob) == [TaskEvent.objects.get(stream_id=other.pk).pk]
        assert page.context["unread_total"] == page.context["boot"]["unread"]["total"] == 1
        assert page.context["boot"]["revision"] == org_inboxes(acme.bob.pk)[0].revision
        assert "<title>(1) " in page.content.decode()
        assert page.content.decode().count("data-unread>") == 0

    def test_it_is_one_mark_that_tabs_hear_of(
        self, acme, bob, task, announcements, django_capture_on_commit_callbacks
    ):
        talk(acme, task, 3)
        announcements.clear()
        with django_capture_on_commit_callbacks(execute=True):
            bob.get(TASK)
        (heard,) = [message for group, message in announcements if group == f"user-{acme.bob.pk}"]
        assert len(heard["payload"]["change"]["event_ids"]) == 4

    def test_what_is_beyond_the_page_stays_unread(self, acme, bob, task, short_pages):
        talk(acme, task, 50)
        ids = unread(acme.bob)
        bob.get(TASK)
        assert unread(acme.bob) == ids[:-FEW]
        bob.get(TASK, {"event": ids[0]})
        assert unread(acme.bob) == ids[11:-FEW]

    def test_a_look_ahead_the_past_and_a_piece_of_it_read_nothing(self, acme, bob, task):
        talk(acme, task, 3)
        before = unread(acme.bob)
        bob.head(TASK)
        for header in ({"Sec-Purpose": "prefetch;prerender"}, {"X-Purpose": "preview"}):
            page = bob.get(TASK, headers=header)
            assert all(item["unread"] == [item["event"].pk] for item in page.context["history"])
        bob.get(TASK, {"version": "2"})
        bob.get(f"{TASK}entries/", {"after": "0"})
        assert unread(acme.bob) == before

    def test_what_was_put_away_stays_there(self, acme, bob, task):
        done, *_ = [event.pk for event in talk(acme, task, 3)]
        marks.mark(acme.bob.pk, Act.DONE, [done])
        bob.get(TASK)
        states = dict(Notification.objects.filter(recipient=acme.bob).values_list("event_id", "state"))
        assert states.pop(done) == State.DONE
        assert set(states.values()) == {State.READ}

    def test_what_came_meanwhile_is_shown_and_not_read(self, acme, bob, task, monkeypatch):
        """The counts are of a later place in the log than the list was; so the list is read again."""
        event = []

        def meanwhile(request):
            event.append(comment(task, "Just now.", actor=acme.alice))
            read_again(request)

        monkeypatch.setattr("tasks.detail_page.read_again", meanwhile)
        page = bob.get(TASK)
        assert versions(page) == [1, 2]
        assert unread(acme.bob) == [event[0].pk]
        assert [item["unread"] for item in page.context["history"]] == [[], [event[0].pk]]
        assert page.context["unread_total"] == 1

    def test_a_line_stands_above_what_is_new(self, acme, bob, task):
        assert "New since" not in bob.get(TASK).content.decode()  # the whole task is
        comment(task, "Old.", actor=acme.bob)
        new = comment(task, "New.", actor=acme.alice)
        comment(task, "Newer.", actor=acme.alice)
        page = bob.get(TASK).content.decode()
        assert page.count("New since your last visit") == 1
        line = page.index("New since your last visit")
        assert page.index("Old.") < line < page.index(f'id="event-{new.pk}"')
        assert "New since" not in bob.get(TASK).content.decode()

    def test_costs_a_mark_only_where_something_is_unread(self, acme, bob, task):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                bob.get(TASK)
            return [query["sql"] for query in queries if "inbox_" in query["sql"]]

        talk(acme, task, 5)
        assert any(sql.startswith("UPDATE") for sql in cost())
        assert not any(sql.startswith(("UPDATE", "INSERT")) for sql in cost())


class TestEntriesOfAPiece:
    def test_are_those_beyond_a_version_as_the_page_shows_them(self, acme, bob, task):
        event = comment(task, "@bob <b>look</b>", actor=acme.alice)
        move(task, "done", actor=acme.alice)
        piece = bob.get(f"{TASK}entries/", {"after": "1"}).content.decode()
        assert re.findall(r'data-version="(\d+)"', piece) == ["2", "3"]
        assert f'id="event-{event.pk}"' in piece
        assert "&lt;b&gt;look" in piece
        assert piece.count("data-unread") == 2
        assert f"{TASK}?version=2" in piece
        assert "<html" not in piece

    @pytest.mark.parametrize("after", ["3", "99", "9" * 18])
    def test_are_none_where_nothing_is_newer(self, acme, bob, task, after):
        talk(acme, task, 2)
        assert bob.get(f"{TASK}entries/", {"after": after}).content.decode().strip() == ""

    def test_are_at_most_a_page(self, acme, bob, task, short_pages):
        talk(acme, task, 50)
        piece = bob.get(f"{TASK}entries/", {"after": "2"}).content.decode()
        assert len(re.findall("data-version", piece)) == FEW


class TestTheWayBack:
    @pytest.fixture
    def three(self, acme, task):
        """Tasks 1, 2 and 3, each with one notification for bob; the list has the newest first."""
        return [task, *(new_task(acme, actor=acme.alice) for _ in range(2))]

    def way(self, client, number, words=""):
        page = client.get(f"/orgs/acme/tasks/{number}/", {"inbox": words})
        return page.context["way_back"]

    def test_says_the_place_and_leads_to_the_list_and_its_neighbours(self, bob, three):
        first, _, third = [TaskEvent.objects.get(stream_id=task.pk).pk for task in three]
        way = self.way(bob, 2)
        assert (way.place, way.total) == (2, "3")
        assert (way.previous, way.next) == (f"/inbox/{third}/?q=", f"/inbox/{first}/?q=")
        assert way.list == f"/inbox/?q=#thread-{three[1].pk}"
        assert (self.way(bob, 3).previous, self.way(bob, 1).next) == ("", "")

    def test_goes_by_the_list_with_what_came_back_on_top(self, acme, bob, three):
        first, _, third = [TaskEvent.objects.get(stream_id=task.pk).pk for task in three]
        until = timezone.now() + dt.timedelta(hours=1)
        marks.mark(acme.bob.pk, Act.SNOOZE, [first], until=until)
        wake_snoozed(until)
        ways = [self.way(bob, number) for number in (3, 2)]
        assert [(way.place, way.total) for way in ways] == [(2, "3"), (3, "3")]
        assert [way.previous for way in ways] == [f"/inbox/{first}/?q=", f"/inbox/{third}/?q="]
        assert ways[1].next == ""

    def test_keeps_its_place_in_a_list_that_it_has_left_by_being_read(self, bob, three):
        ways = [self.way(bob, number, "is:unread") for number in (2, 2)]
        assert [(way.place, way.total) for way in ways] == [(2, "3")] * 2
        assert ways[0].words == "is:unread"
        assert ways[0].next == ways[1].next != ""

    def test_is_not_said_where_nobody_came_from_a_list(self, bob, three):
        assert bob.get(TASK).context["way_back"] is None

    def test_nor_where_there_was_never_a_notification(self, acme, three):
        assert self.way(signed_in(acme.alice), 1) is None

    @pytest.mark.parametrize("words", ["is:nothing", '"', "org:nowhere", "x" * 3_000, "\x00"])
    def test_words_that_say_nothing_break_nothing(self, bob, three, words):
        assert bob.get(TASK, {"inbox": words}).status_code == 200

    def test_done_there_goes_on_to_the_next_and_touches_only_what_was_shown(self, acme, bob, three):
        page = bob.get("/orgs/acme/tasks/2/", {"inbox": "is:unread"}).content.decode()
        form = page.partition('class="way-back-acts"')[2].partition("</form>")[0]
        fields = {
            name: html.unescape(value) for name, value in re.findall(r'name="(\w+)"\s+value="([^"]*)"', form)
        }
        later = comment(three[1], actor=acme.alice)
        answer = bob.post("/inbox/mark/", fields)
        assert answer["Location"] == fields["next"] != ""
        mine = Notification.objects.filter(recipient=acme.bob, event__stream_id=three[1].pk).order_by(
            "event_id"
        )
        assert list(mine.values_list("event_id", "state"))[1] == (later.pk, State.UNREAD)
        assert mine[0].state == State.DONE
