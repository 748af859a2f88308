"""Pages of tasks: all of it works with plain forms."""

import datetime as dt
import html
import uuid

import pytest
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from events import log
from events.models import TaskEvent
from inbox.models import Watch
from tasks.models import Task
from tests.tasks.acme import assign, comment, describe, label, move, new_task, rename, signed_in
from tests.tasks.given import Praised
from tests.tasks.invariants import assert_the_fold_is_the_row, assert_the_log_holds, counts

pytestmark = [pytest.mark.django_db, pytest.mark.first]

LIST = "/orgs/acme/tasks/"


@pytest.fixture
def task(acme):
    task = new_task(acme, actor=acme.alice)
    yield task
    assert_the_fold_is_the_row(task.pk)
    assert_the_log_holds(acme.pk)


def words(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def text(response):
    return html.unescape(response.content.decode())


def actions(task):
    return list(
        TaskEvent.objects.filter(stream_id=task.pk).order_by("version").values_list("action", flat=True)
    )


class TestTheList:
    def test_shows_what_is_active(self, acme, bob, task):
        page = bob.get(LIST)
        assert [one.title for one in page.context["page"]] == ["Fix the door"]
        assert "ACME-1" in text(page)
        assert page.context["open_count"] == 1

    def test_is_empty_at_first(self, bob):
        page = bob.get(LIST)
        assert (page.status_code, list(page.context["page"])) == (200, [])

    def test_keeps_the_filters_in_the_address(self, bob, task):
        page = bob.get(LIST, {"q": "a b", "status": "open", "assignee": "me", "page": "3"})
        assert page.context["query"] == "q=a+b&status=open&assignee=me"
        assert (page.context["q"], page.context["status"], page.context["is_filtered"]) == (
            "a b",
            "open",
            True,
        )

    @pytest.mark.parametrize(
        "query", ["assignee=%00", "q=%00", "status=%00", "q=%ff", "assignee=" + "x" * 5_000]
    )
    def test_nonsense_in_the_address_breaks_nothing(self, bob, task, query):
        assert bob.get(f"{LIST}?{query}").status_code == 200

    def test_carries_the_cursor_that_it_was_read_at(self, acme, bob, task):
        last = TaskEvent.objects.order_by("pk").last()
        boot = bob.get(LIST).context["boot"]
        assert boot["org"] == {
            "id": acme.pk,
            "slug": "acme",
            "cursor": f"{acme.pk}.{last.position}.{last.digest[:8]}",
        }


class TestCreating:
    def post(self, client, **fields):
        body = {"title": "Mend it", "description": "", "assignee": "", "due_date": ""}
        return client.post(f"{LIST}new/", body | {"task_id": str(uuid.uuid4())} | fields)

    def test_leads_to_the_task(self, acme, bob):
        response = self.post(bob, description="Ask @carol", assignee=acme.carol.pk, due_date="2026-11-30")
        task = Task.objects.get()
        assert response["Location"] == f"{LIST}1/"
        assert (task.title, task.creator, task.assignee) == ("Mend it", acme.bob, acme.carol)
        assert (task.due_date, task.mentioned) == (dt.date(2026, 11, 30), [acme.carol.pk])
        assert_the_fold_is_the_row(task.pk)

    def test_sent_twice_makes_one_task(self, bob):
        same = str(uuid.uuid4())
        first, second = self.post(bob, task_id=same), self.post(bob, task_id=same)
        assert first["Location"] == second["Location"]
        assert Task.objects.count() == 1

    def test_each_form_has_an_id_of_its_own(self, bob):
        ids = {str(bob.get(f"{LIST}new/").context["form"]["task_id"].value()) for _ in range(2)}
        assert len(ids) == 2

    def test_a_refused_form_keeps_its_id_and_its_words(self, bob):
        same = str(uuid.uuid4())
        response = self.post(bob, task_id=same, title="", description="Long words")
        assert response.status_code == 200
        form = response.context["form"]
        assert (form["task_id"].value(), form["description"].value()) == (same, "Long words")

    @pytest.mark.parametrize(
        "fields",
        [
            {"title": ""},
            {"title": " "},
            {"title": "x" * 201},
            {"title": "\u200b"},
            {"description": "x" * 20_001},
            {"assignee": "999999"},
            {"assignee": str(10**30)},
            {"assignee": "x"},
            {"assignee": "\x00"},
            {"due_date": "tomorrow"},
            {"due_date": "2026-02-30"},
            {"due_date": "\x00"},
            {"task_id": "x"},
            {"task_id": ""},
        ],
        ids=str,
    )
    def test_bad_input_stands_beside_the_form(self, bob, fields):
        before = counts()
        response = self.post(bob, **fields)
        assert response.status_code == 200
        assert response.context["form"].errors
        assert counts() == before

    def test_a_stranger_cannot_be_assigned(self, acme, globex, bob):
        response = self.post(bob, assignee=globex.hank.pk)
        assert "assignee" in response.context["form"].errors

    def test_the_id_of_a_foreign_task_is_not_taken(self, acme, globex, bob):
        foreign = new_task(globex, actor=globex.gina)
        assert self.post(bob, task_id=str(foreign.pk)).status_code == 404
        assert Task.objects.get().pk == foreign.pk

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_viewer_is_told_why_not(self, acme, method):
        vera = signed_in(acme.vera)
        response = vera.get(f"{LIST}new/") if method == "get" else self.post(vera)
        assert response.status_code == 403
        assert "Viewers can read" in text(response)


class TestTheTask:
    def test_tells_its_history_in_sentences(self, acme, bob, task):
        move(task, "in_progress", actor=acme.carol)
        comment(task, "Looks <b>fine</b>", actor=acme.bob)
        page = bob.get(f"{LIST}1/")
        assert [item["sentence"] for item in page.context["history"]] == [
            "Alice created it",
            "Carol moved it from Open to In progress",
            "Bob commented on it",
        ]
        assert page.context["history"][2]["comment"] == "Looks <b>fine</b>"
        assert "<b>fine" not in page.content.decode()
        assert [item["did"] for item in page.context["history"]][1] == " moved it from Open to In progress"
        for words_ in (" moved it from Open to In progress", "Looks <b>fine</b>"):
            assert words_ in text(page)

    def test_shows_who_is_told_and_why(self, acme, bob, task):
        Watch.objects.create(user=acme.carol, stream_id=task.pk)
        told = bob.get(f"{LIST}1/").context["told"]
        assert (told.reader, told.watching) == ("org", False)
        assert [person.display_name for person in told.people] == ["Alice", "Carol", "Bob", "Vera"]
        assert [person.why for person in told.people][:2] == ["created the task", "watches the task"]
        assert signed_in(acme.carol).get(f"{LIST}1/").context["told"].watching
        for level, names in (("watched", ["Carol"]), ("mine", ["Alice"]), ("muted", [])):
            acme.organization.memberships.update(level=level)
            assert [person.display_name for person in bob.get(f"{LIST}1/").context["told"].people] == names
        acme.organization.memberships.update(level="watched")
        page = signed_in(acme.alice).get(f"{LIST}1/")
        assert (page.context["told"].reader, page.context["told"].part) == (None, "creator")
        assert 'action="/inbox/watch/"' in page.content.decode()
        Watch.objects.create(user=acme.alice, stream_id=task.pk)
        assert signed_in(acme.alice).get(f"{LIST}1/").context["told"].reader == "creator"

    def test_an_archived_one_can_be_read_and_restored(self, acme, bob, task):
        bob.post(f"{LIST}1/archive/")
        page = bob.get(f"{LIST}1/")
        assert page.status_code == 200
        assert f'action="{LIST}1/restore/"' in page.content.decode()
        bob.post(f"{LIST}1/restore/")
        assert actions(task) == ["created", "archived", "restored"]

    def test_an_event_of_a_newer_release_does_not_break_it(self, acme, bob, task):
        with transaction.atomic():
            entry = log.Entry(Praised(5), task.title)
            head = log.lock_head(acme.pk)
            log.append(head, task.pk, 1, 1, [entry], actor=acme.alice, now=task.created_at)
            Task.objects.filter(pk=task.pk).update(version=2)
        assert "cannot show" in text(bob.get(f"{LIST}1/"))

    def test_nothing_of_it_costs_a_query_more_when_it_grows(self, acme, bob, task):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                assert bob.get(f"{LIST}1/").status_code == 200
            return len(queries)

        assign(task, acme.carol, actor=acme.alice)
        Watch.objects.create(user=acme.carol, stream_id=task.pk)
        comment(task, "@vera", actor=acme.alice)
        bob.get(f"{LIST}1/")  # his first mark
        comment(task, "@bob", actor=acme.carol)
        few = cost()
        for number in range(12):
            comment(task, "@vera @carol @bob", actor=(acme.alice, acme.bob, acme.carol)[number % 3])
        for name in ("m1", "m2", "m3"):
            Watch.objects.create(user=acme.join(name), stream_id=task.pk)
        assert cost() == few

    def test_nor_does_the_list(self, acme, bob, task):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                assert bob.get(LIST).status_code == 200
            return len(queries)

        assign(task, acme.carol, actor=acme.alice)
        few = cost()
        for number in range(10):
            other = new_task(acme, actor=acme.alice)
            assign(other, (acme.bob, acme.carol, acme.vera)[number % 3], actor=acme.alice)
            acme.join(f"m{number}")
        assert cost() == few


class TestSmallForms:
    def post(self, client, act, **fields):
        return client.post(f"{LIST}1/{act}/", fields)

    def test_change_one_thing_and_come_back(self, acme, bob, task):
        for act, fields in (
            ("status", {"status": "done"}),
            ("assign", {"assignee": str(acme.carol.pk)}),
            ("assign", {"assignee": ""}),
            ("due", {"due_date": "2026-11-30"}),
            ("due", {"due_date": ""}),
            ("title", {"title": "Mend it"}),
            ("labels", {"labels": "Mail, security"}),
            ("comment", {"text": "Hm."}),
            ("archive", {}),
            ("restore", {}),
        ):
            response = self.post(bob, act, **fields)
            event = TaskEvent.objects.order_by("pk").last().pk
            assert response.status_code == 302
            assert response["Location"] == f"{LIST}1/?event={event}#event-{event}", act
        assert actions(task) == [
            "created",
            "status_changed",
            "assignee_changed",
            "assignee_changed",
            "due_date_changed",
            "due_date_changed",
            "renamed",
            "labels_changed",
            "commented",
            "archived",
            "restored",
        ]

    @pytest.mark.parametrize("act", ["status", "assign", "due", "comment", "archive", "restore", "watch"])
    def test_need_a_post(self, bob, task, act):
        assert bob.get(f"{LIST}1/{act}/")["Location"] == f"{LIST}1/"
        assert actions(task) == ["created"]

    def test_archiving_offers_to_undo(self, bob, task):
        page = bob.post(f"{LIST}1/archive/", follow=True)
        (message,) = page.context["messages"]
        assert message.extra_tags == f"undo:{LIST}1/restore/|"
        assert "ACME-1 is archived." in text(page)

    def test_archiving_twice_offers_nothing(self, bob, task):
        bob.post(f"{LIST}1/archive/")
        bob.get(LIST)  # shows the first message
        assert words(bob.post(f"{LIST}1/archive/")) == ""
        assert actions(task) == ["created", "archived"]

    @pytest.mark.parametrize(
        ("act", "fields", "said"),
        [
            ("status", {}, "status does not exist"),
            ("status", {"status": "\x00"}, "status does not exist"),
            ("assign", {"assignee": "999999"}, "can only be assigned to a member"),
        ],
    )
    def test_a_refusal_is_told_on_the_task(self, bob, task, act, fields, said):
        response = self.post(bob, act, **fields)
        assert response["Location"] == f"{LIST}1/"
        assert said in words(response)
        assert actions(task) == ["created"]

    @pytest.mark.parametrize(
        ("act", "fields"),
        [
            ("assign", {"assignee": "x"}),
            ("assign", {"assignee": "-1"}),
            ("assign", {"assignee": "1" * 19}),
            ("assign", {"assignee": "²"}),
            ("assign", {"assignee": "\x00"}),
            ("due", {"due_date": "tomorrow"}),
            ("due", {"due_date": "2026-02-30"}),
            ("due", {"due_date": "2026-13-01"}),
            ("due", {"due_date": "\x00"}),
            ("comment", {}),
            ("comment", {"text": " "}),
            ("comment", {"text": "\u200b\x00"}),
            ("comment", {"text": "x" * 20_001}),
        ],
        ids=str,
    )
    def test_what_cannot_be_meant_is_refused(self, bob, task, act, fields):
        response = self.post(bob, act, **fields)
        assert response.status_code == 400
        assert actions(task) == ["created"]

    def test_a_refused_comment_keeps_its_words(self, acme, bob, task):
        crowd = " ".join("@" + acme.join(f"person{number}").username for number in range(60))
        for text, said in (
            ("x" * 20_001, "20000"),
            (crowd, "This text mentions 60 people; 50 is the limit"),
        ):
            page = self.post(bob, "comment", text=text)
            assert page.status_code == 400
            assert page.context["comment_form"]["text"].value() == text
            assert said in page.content.decode()
        assert actions(task) == ["created"]

    def test_a_line_break_is_one_character_as_in_the_browser(self, bob, task):
        """A browser counts it as one and sends it as two."""
        self.post(bob, "comment", text="🚪" * 5_000 + "x\r\n" * 4_999 + "xx")
        assert actions(task) == ["created", "commented"]

    @pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31"])
    def test_the_ends_of_the_calendar_can_be_shown(self, acme, bob, task, date):
        self.post(bob, "due", due_date=date)
        for url in (LIST, f"{LIST}1/"):
            assert bob.get(url).status_code == 200
        assert signed_in(acme.carol).get("/inbox/").status_code == 200

    @pytest.mark.parametrize(
        ("act", "name", "mine", "theirs"),
        [
            ("title", "title", "My words", lambda acme, task: rename(task, "Theirs", actor=acme.carol)),
            ("status", "status", "done", lambda acme, task: move(task, "cancelled", actor=acme.carol)),
            ("labels", "labels", "mail", lambda acme, task: label(task, "web", actor=acme.carol)),
            ("assign", "assignee", "", lambda acme, task: assign(task, acme.vera, actor=acme.carol)),
        ],
    )
    def test_a_field_that_another_changed_shows_both(self, acme, bob, task, act, name, mine, theirs):
        assign(task, acme.carol, actor=acme.alice)
        theirs(acme, task)
        before = actions(task)
        page = self.post(bob, act, **{name: mine}, seen_version="2")
        assert (page.status_code, actions(task)) == (409, before)
        assert "Carol" in page.context["said"]
        answer = bob.post(
            f"{LIST}1/{act}/", {name: mine, "seen_version": "2"}, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 409
        both = answer.json()["both"]
        assert (both["yours"], both["theirs"]) == (page.context["yours"], page.context["theirs"])
        chosen = dict(page.context["sent"]) | {"seen_version": both["version"]}
        assert bob.post(f"{LIST}1/{act}/", chosen).status_code == 302
        assert len(actions(task)) == len(before) + 1

    def test_changes_of_other_fields_and_the_same_wish_are_in_nobodys_way(self, acme, bob, task):
        for actor in (acme.carol, acme.alice):
            assign(task, actor, actor=actor)
        comment(task, actor=acme.carol)
        move(task, "done", actor=acme.carol)
        for act, fields in (("title", {"title": "Mine"}), ("status", {"status": "done"})):
            answer = bob.post(
                f"{LIST}1/{act}/", fields | {"seen_version": "1"}, headers={"Accept": "application/json"}
            )
            assert (answer.status_code, answer.json()["version"]) == (200, 6)

    @pytest.mark.parametrize(
        ("act", "fields", "status"),
        [
            ("title", {"title": " "}, 400),
            ("labels", {"labels": "x" * 31}, 400),
            ("status", {"status": "lost"}, 400),
            ("due", {"due_date": "soon"}, 400),
        ],
    )
    def test_a_program_gets_the_refusal_in_words(self, bob, task, act, fields, status):
        answer = bob.post(f"{LIST}1/{act}/", fields, headers={"Accept": "application/json"})
        assert answer.status_code == status
        assert answer.json()["error"]["message"]

    def test_a_card_leads_back_to_the_board(self, bob, task):
        assert self.post(bob, "status", status="done", back="board")["Location"] == "/orgs/acme/board/"

    def test_an_archived_task_says_what_to_do(self, bob, task):
        bob.post(f"{LIST}1/archive/")
        response = self.post(bob, "comment", text="Too late?")
        assert "Restore it first" in words(response)

    def test_a_viewer_is_told_why_not(self, acme, task):
        response = self.post(signed_in(acme.vera), "comment", text="Hm.")
        assert "Viewers can read" in words(response)
        assert actions(task) == ["created"]

    def test_watching_is_for_viewers_too(self, acme, task):
        vera = signed_in(acme.vera)
        self.post(vera, "watch", watching="1")
        assert Watch.objects.get().user == acme.vera
        self.post(vera, "watch", watching="0")
        assert not Watch.objects.exists()

    def test_the_token_is_asked_for(self, acme, task):
        strict = signed_in(acme.bob, enforce_csrf_checks=True)
        assert self.post(strict, "archive").status_code == 403
        assert actions(task) == ["created"]


class TestEditing:
    def post(self, client, **fields):
        body = {
            "title": "Fix the door",
            "description": "",
            "assignee": "",
            "due_date": "",
            "expected_version": "1",
        }
        return client.post(f"{LIST}1/edit/", body | fields)

    def test_the_form_shows_what_is(self, acme, bob, task):
        assign(task, acme.carol, actor=acme.alice)
        form = bob.get(f"{LIST}1/edit/").context["form"]
        assert (form["title"].value(), form["assignee"].value()) == ("Fix the door", acme.carol.pk)
        assert form["expected_version"].value() == 2

    def test_changes_all_of_it_at_once(self, acme, bob, task):
        response = self.post(
            bob, title="Mend it", description="Ask @carol", assignee=acme.carol.pk, due_date="2026-11-30"
        )
        assert response["Location"] == f"{LIST}1/"
        assert actions(task) == ["created", "renamed", "described", "assignee_changed", "due_date_changed"]

    def test_without_a_change_adds_nothing(self, bob, task):
        assert self.post(bob).status_code == 302
        assert actions(task) == ["created"]

    def test_a_stale_form_is_refused_keeps_its_words_and_can_be_sent_again(self, acme, bob, task):
        rename(task, "Carol's words", actor=acme.carol)
        describe(task, "What Carol saw", actor=acme.carol)
        response = self.post(bob, title="My words", labels="mail")
        assert response.status_code == 409
        assert "Carol renamed it from “Fix the door” to “Carol's words”" in text(response)
        assert actions(task) == ["created", "renamed", "described"]
        form = response.context["form"]
        assert (form["title"].value(), form["labels"].value()) == ("My words", "mail")
        assert form["description"].value() == "What Carol saw"  # only Carol changed it
        assert [tuple(both) for both in response.context["both"]] == [
            ("title", "Title", "My words", "Carol's words")
        ]
        kept = {name: form[name].value() for name in ("title", "description", "labels", "expected_version")}
        for keep, title in (("theirs", "Carol's words"), ("yours", "My words")):
            assert self.post(bob, **kept, keep_title=keep).status_code == 302
            now = Task.objects.get(pk=task.pk)
            assert (now.title, now.description, now.labels) == (title, "What Carol saw", ["mail"])

    def test_what_does_not_collide_is_merged(self, acme, bob, task):
        move(task, "in_progress", actor=acme.carol)
        describe(task, "What Carol saw", actor=acme.carol)
        rename(task, "The same words", actor=acme.carol)
        assert self.post(bob, title="The same words", labels="mail").status_code == 302
        now = Task.objects.get(pk=task.pk)
        assert (now.title, now.description, now.status) == ("The same words", "What Carol saw", "in_progress")
        assert now.labels == ["mail"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"title": ""},
            {"title": "x" * 201},
            {"assignee": "999999"},
            {"due_date": "2026-02-30"},
            {"expected_version": ""},
            {"expected_version": "0"},
            {"expected_version": "x"},
        ],
        ids=str,
    )
    def test_bad_input_stands_beside_the_form(self, bob, task, fields):
        response = self.post(bob, **fields)
        assert response.status_code == 200
        assert response.context["form"].errors
        assert actions(task) == ["created"]

    def test_an_assignee_who_left_can_stay_or_go(self, acme, bob, task):
        """The form must not lose the rest of an edit over somebody who is no member any more."""
        assign(task, acme.carol, actor=acme.alice)
        carol = acme.carol.pk
        acme.membership(acme.carol).delete()
        assert self.post(bob, title="Mend it", assignee=carol, expected_version="2").status_code == 302
        assert Task.objects.get(pk=task.pk).assignee_id == carol
        assert self.post(bob, title="Mend it", assignee="", expected_version="3").status_code == 302
        assert Task.objects.get(pk=task.pk).assignee is None

    def test_an_archived_task_says_what_to_do(self, acme, bob, task):
        bob.post(f"{LIST}1/archive/")
        response = self.post(bob, title="Too late?", expected_version="2")
        assert response.status_code == 409
        assert "Restore it first" in text(response)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_viewer_is_told_why_not(self, acme, task, method):
        vera = signed_in(acme.vera)
        response = vera.get(f"{LIST}1/edit/") if method == "get" else self.post(vera)
        assert response.status_code == 403
