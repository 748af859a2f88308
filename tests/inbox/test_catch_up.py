"""Catching up: from the end of the last visit to the logs' heads, a line for each task."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from base.turns import Busy
from bench.history import fill
from events.models import LogHead, TaskEvent
from inbox import catch_up, visits
from inbox.catch_up import Interval, different
from inbox.models import Notification, Visit
from inbox.org_inboxes import org_inboxes
from inbox.states import State
from membership import services
from orgs.models import User
from tests.tasks.acme import Level, assign, comment, move, new_task, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/inbox/catch-up/"


def since(team, user, event):
    """The user's last visit ended right after this event."""
    cursor = f"{team.pk}.{event.position}.{event.digest[:8]}"
    now = timezone.now()
    Visit.objects.update_or_create(
        user=user, defaults={"last_at": now, "last": cursor, "since_at": now, "since": cursor}
    )


def lines(client, **asked):
    page = client.get(PAGE, asked).context["page"]
    return [(line.newest.key, line.words, line.count) for line in page.lines]


def done_with(client, *streams, **changed):
    context = client.get(PAGE).context
    fields = {name: str(context[name]) for name in ("after", "seen", "revision")} | changed
    return client.post(PAGE, fields | {"streams": [str(stream) for stream in streams]})


def states(user):
    return dict(Notification.objects.filter(recipient=user).values_list("event_id", "state"))


@pytest.fixture
def door(acme):
    """Bob was here when it was new."""
    task = new_task(acme, actor=acme.alice, title="Fix the door")
    since(acme, acme.bob, TaskEvent.objects.get(stream_id=task.pk))
    return task


class TestThePage:
    def test_says_what_is_different_now(self, acme, bob, door):
        move(door, "in_progress", actor=acme.alice)
        move(door, "done", actor=acme.carol)
        comment(door, actor=acme.carol)
        window = new_task(acme, actor=acme.alice, title="Fix the window")
        assign(window, acme.bob, actor=acme.alice)
        assert lines(bob) == [
            ("ACME-2", ["new", "assigned to you"], 2),
            ("ACME-1", ["Open → Done", "1 comment"], 3),
        ]
        page = bob.get(PAGE).context["page"]
        assert [line.by for line in page.lines] == ["Alice", "Carol and 1 other"]
        first = TaskEvent.objects.get(stream_id=door.pk, version=2).pk
        assert page.lines[1].url == f"/orgs/acme/tasks/1/?event={first}#event-{first}"

    def test_leaves_out_what_was_there_and_what_is_done(self, acme, bob, door):
        assert lines(bob) == []
        assert "You are caught up" in bob.get(PAGE).content.decode()
        event = move(door, "done", actor=acme.alice)
        Notification.objects.filter(event=event, recipient=acme.bob).update(state=State.DONE)
        assert lines(bob) == []

    def test_begins_where_the_reader_says(self, acme, bob, door):
        assert lines(bob, since="yesterday") == lines(bob, since="week") == [("ACME-1", ["new"], 1)]
        tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
        assert lines(bob, since=tomorrow) == []

    @pytest.mark.parametrize("asked", ["tomorrow", "2026-13-01", "0001-01-01x", "\x00", "9" * 5000])
    def test_says_that_it_cannot_read_a_day(self, bob, door, asked):
        page = bob.get(PAGE, {"since": asked})
        assert page.status_code == 400
        assert "That is not a date" in page.content.decode()

    @pytest.mark.parametrize("asked", ["0001-01-01", "9999-12-31"])
    def test_reads_the_first_and_the_last_day(self, bob, door, asked):
        assert bob.get(PAGE, {"since": asked}).status_code in (200, 400)

    def test_of_a_first_visit_goes_a_week_back(self, acme, bob):
        new_task(acme, actor=acme.alice)
        assert lines(bob) == [("ACME-1", ["new"], 1)]
        assert "because this is your first visit" in bob.get(PAGE).content.decode()

    def test_a_visit_of_another_history_is_taken_by_its_time(self, acme, bob, door):
        Visit.objects.update(since=f"{acme.pk}.1.{'0' * 8}", since_at=timezone.now() - dt.timedelta(days=1))
        assert lines(bob) == [("ACME-1", ["new"], 1)]

    def test_of_who_is_nowhere(self, acme):
        Visit.objects.create(user=acme.bob, last_at=timezone.now(), last="")
        acme.membership(acme.bob).delete()
        assert lines(signed_in(acme.bob)) == []

    def test_says_of_what_is_too_long_how_many_there_were(self, acme, bob, door, monkeypatch):
        monkeypatch.setattr(catch_up, "FOLDED", 2)
        for _ in range(3):
            comment(door, actor=acme.alice)
        assert lines(bob) == [("ACME-1", [], 3)]

    def test_of_many_shows_what_concerns_most(self, acme, bob, door, monkeypatch):
        monkeypatch.setattr(catch_up, "LINES", 2)
        asked = new_task(acme, actor=acme.alice, description="@bob?")
        for _ in range(3):
            new_task(acme, actor=acme.alice)
        page = bob.get(PAGE).context["page"]
        assert (page.lines[0].newest.stream_id, page.lines[0].reason, page.more) == (asked.pk, "mentioned", 2)

    def test_of_members(self, acme, bob, door):
        services.change_role(by=acme.membership(acme.alice), user_id=acme.vera.pk, role="member")
        (line,) = bob.get(PAGE).context["page"].lines
        assert (line.newest.key, line.words, line.count) == ("Acme", [], 1)

    def test_costs_no_query_more_for_more(self, acme, bob, door):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                bob.get(PAGE)
            return len(queries)

        comment(door, "@bob?", actor=acme.alice)
        few = cost()
        for _ in range(4):
            comment(new_task(acme, actor=acme.alice), "@bob?", actor=acme.carol)
        assert cost() == few


class TestDoneWithThese:
    def test_clears_that_interval_of_that_task(self, acme, bob, door):
        (before,) = states(acme.bob)
        events = [move(door, "done", actor=acme.alice).pk, comment(door, actor=acme.carol).pk]
        other = TaskEvent.objects.get(stream_id=new_task(acme, actor=acme.alice).pk).pk
        answer = done_with(bob, door.pk)
        assert answer["Location"] == PAGE
        done, unread = State.DONE, State.UNREAD
        assert states(acme.bob) == {before: unread, other: unread} | dict.fromkeys(events, done)
        assert [key for key, *_ in lines(bob)] == ["ACME-2"]

    def test_leaves_what_arrives_meanwhile(self, acme, bob, door):
        move(door, "done", actor=acme.alice)
        context = bob.get(PAGE).context
        later = comment(door, actor=acme.alice).pk
        fields = {name: str(context[name]) for name in ("after", "seen", "revision")}
        bob.post(PAGE, fields | {"streams": str(door.pk)})
        assert states(acme.bob)[later] == State.UNREAD
        assert list(states(acme.bob).values()).count(State.DONE) == 1

    def test_can_be_undone(self, acme, bob, door):
        move(door, "done", actor=acme.alice)
        before = states(acme.bob)
        done_with(bob, door.pk)
        assert states(acme.bob) != before
        undo = re.search(r'name="mark" value="(\d+)"', bob.get(PAGE).content.decode())[1]
        bob.post("/inbox/mark/", {"act": "undo-all", "mark": undo})
        assert states(acme.bob) == before

    def test_leaves_what_another_device_has_changed_since(self, acme, bob, door):
        event = move(door, "done", actor=acme.alice)
        context = bob.get(PAGE).context
        bob.post("/inbox/mark/", {"act": "read", "event_ids": event.pk})
        fields = {name: str(context[name]) for name in ("after", "seen", "revision")}
        bob.post(PAGE, fields | {"streams": str(door.pk)})
        assert states(acme.bob)[event.pk] == State.READ

    def test_reaches_nobody_else_s(self, acme, globex, door):
        move(door, "done", actor=acme.alice)
        before = states(acme.bob)
        hank = signed_in(globex.hank)
        new_task(globex, actor=globex.gina)
        fields = {"after": f"{acme.pk}.0", "seen": str(org_inboxes(acme.bob.pk)[0].cursor), "revision": "9"}
        for seen in (fields["seen"], str(org_inboxes(globex.hank.pk)[0].cursor)):
            hank.post(PAGE, fields | {"seen": seen, "streams": str(door.pk)})
        assert states(acme.bob) == before

    @pytest.mark.parametrize(
        "fields",
        [
            {"after": "x"},
            {"after": "1"},
            {"after": "1.2.3"},
            {"seen": "x"},
            {"streams": "x"},
            {"streams": []},
        ],
        ids=str,
    )
    def test_is_refused_where_it_cannot_be_meant(self, acme, bob, door, fields):
        move(door, "done", actor=acme.alice)
        before = states(acme.bob)
        context = bob.get(PAGE).context
        said = {name: str(context[name]) for name in ("after", "seen", "revision")} | {
            "streams": str(door.pk)
        }
        assert bob.post(PAGE, said | fields).status_code == 400
        assert states(acme.bob) == before


def test_fifty_thousand_events_are_one_answer_of_few_queries():
    """And a small one: how long it takes stands in decision 39."""
    fill(40, 600, organizations=1, notifications=True)
    user = User.objects.get(pk=Notification.objects.values_list("recipient", flat=True).first())
    head = LogHead.objects.get()
    last = TaskEvent.objects.get(organization=head.pk, position=head.position).pk
    with CaptureQueriesContext(connection) as queries:
        page = different(user.pk, {head.pk: Interval(0, last)})
    assert len(page.lines) <= catch_up.LINES
    assert sum(line.count for line in page.lines) == Notification.objects.filter(recipient=user).count()
    assert len(queries) <= 6


class TestVisits:
    @pytest.fixture
    def clock(self, monkeypatch):
        """Pages are asked for at moments that the test gives."""
        moments = {"now": dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.UTC)}
        monkeypatch.setattr(visits.timezone, "now", lambda: moments["now"])
        return moments

    def came(self, acme, user=None):
        user = user or acme.bob
        visits._write(
            user.pk, ",".join(str(place.cursor) for place in org_inboxes(user.pk)), visits.timezone.now()
        )

    def test_end_after_half_an_hour_without_a_page(self, acme, clock):
        self.came(acme)
        assert visits.last_visit(acme.bob.pk) == (None, "")
        for minutes in (10, 29, 29):
            clock["now"] += dt.timedelta(minutes=minutes)
            self.came(acme)
        assert visits.last_visit(acme.bob.pk) == (None, "")
        ended, cursor = clock["now"], str(org_inboxes(acme.bob.pk)[0].cursor)
        new_task(acme, actor=acme.alice)
        clock["now"] += dt.timedelta(days=2)
        self.came(acme)
        assert visits.last_visit(acme.bob.pk) == (ended, cursor)
        clock["now"] += dt.timedelta(minutes=5)
        self.came(acme)
        assert visits.last_visit(acme.bob.pk) == (ended, cursor)
        assert visits.last_visit(acme.carol.pk) == (None, "")

    def test_are_noted_by_each_page_and_by_none_that_reads_itself_again(self, acme, bob, real_note):
        bob.get("/orgs/", headers={"X-Purpose": "preview"})
        bob.get("/orgs/", headers={"Sec-Purpose": "prefetch"})
        assert not Visit.objects.exists()
        bob.get("/orgs/")
        assert Visit.objects.get().user == acme.bob

    def test_are_noted_once_in_a_while(self, acme, bob, real_note, django_assert_num_queries):
        bob.get("/orgs/")
        user_id = acme.bob.pk
        with django_assert_num_queries(0):
            real_note(user_id, [])

    def test_keep_no_page_waiting(self, acme, real_note, monkeypatch):
        monkeypatch.setattr(visits, "_write", refuse)
        assert signed_in(acme.bob).get("/orgs/").status_code == 200


def refuse(*_):
    raise Busy("waited 0 s for a turn")


@pytest.fixture
def real_note(monkeypatch):
    """Pages are noted, and nobody has been."""
    monkeypatch.undo()
    visits.VISITS.forget()
    return visits.note


def test_level_and_mute_say_what_there_is_to_catch_up_on(acme, bob, door):
    acme.organization.memberships.filter(user=acme.bob).update(level=Level.PARTICIPATING)
    move(door, "done", actor=acme.alice)
    assert lines(bob) == []
    comment(door, "@bob?", actor=acme.alice)
    assert lines(bob) == [("ACME-1", ["Open → Done", "1 comment"], 1)]
