"""The notifications page and its marks."""

import datetime as dt
import html
import re
import uuid
from urllib.parse import parse_qs

import pytest
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import log
from events.cursors import Cursor
from inbox import views
from inbox.deliver import deliver
from inbox.models import Notification
from inbox.news import News
from inbox.org_inboxes import joined_cursors, org_inboxes
from inbox.states import State
from membership.services import add_member
from tasks import facts
from tests.conftest import TRACEBACK
from tests.factories import UserFactory
from tests.tasks.acme import assign, comment, new_task, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(acme):
    task = new_task(acme, actor=acme.alice)
    return [log.load_stream(acme.pk, task.pk)[0], *(comment(task, actor=acme.alice) for _ in range(4))]


def shown(response):
    """Event ids in the order of the page."""
    assert response.status_code == 200
    ids = [row.event.pk for group in response.context["groups"] for row in group["rows"]]
    list_on_page = response.content.decode().split('id="inbox-rows"')[1]
    assert [int(number) for number in re.findall(r'data-event="(\d+)"', list_on_page)] == ids
    return ids


def seen_by(user):
    return joined_cursors(org_inboxes(user.pk))


def mark_all(client, seen, **fields):
    follow = fields.pop("follow", False)
    return client.post("/inbox/mark/", {"act": "read-all", "seen": seen} | fields, follow=follow)


def forms_of(page, where):
    """act -> fields of its form, in the bell or on the page itself."""
    parts = page.content.decode().split("<main")
    forms = re.findall(r"<form.*?</form>", parts[where == "main"], re.DOTALL)
    fields = [re.findall(r'name="(\w+)"\s+value="([^"]*)"', form) for form in forms]
    named = [{name: html.unescape(value) for name, value in pairs} for pairs in fields]
    return {form["act"]: form for form in named if "act" in form}


def unread(user):
    return set(
        Notification.objects.filter(recipient=user, state=State.UNREAD).values_list("event_id", flat=True)
    )


class TestThePage:
    def test_lists_the_newest_first(self, acme, bob, events):
        response = bob.get("/inbox/")
        assert shown(response) == [event.pk for event in reversed(events)]
        assert response.context["seen"] == joined_cursors(org_inboxes(acme.bob.pk))
        assert "Alice commented on ACME-1" in html.unescape(response.content.decode())

    def test_is_empty_for_somebody_new(self, acme, bob):
        response = bob.get("/inbox/")
        assert shown(response) == []
        assert "read-all" not in response.content.decode()

    def test_pages_by_the_last_event_shown(self, bob, events, monkeypatch):
        monkeypatch.setattr(views, "PAGE", 2)
        seen, query = [], ""
        pages = 0
        while True:
            response = bob.get(f"/inbox/?{query}")
            seen += shown(response)
            pages += 1
            assert response.context["newer"] is (pages > 1)
            if not (query := response.context["older"]):
                break
        assert seen == [event.pk for event in reversed(events)]
        assert pages == 3

    def test_a_full_last_page_promises_nothing_older(self, bob, events, monkeypatch):
        monkeypatch.setattr(views, "PAGE", 5)
        assert bob.get("/inbox/").context["older"] == ""

    def test_a_page_stays_the_same_while_new_ones_arrive(self, acme, bob, events, monkeypatch):
        monkeypatch.setattr(views, "PAGE", 2)
        older = bob.get("/inbox/").context["older"]
        before = shown(bob.get(f"/inbox/?{older}"))
        new_task(acme, actor=acme.alice)
        assert shown(bob.get(f"/inbox/?{older}")) == before

    def test_filters_stay_in_the_address_of_the_next_page(self, bob, events, monkeypatch):
        monkeypatch.setattr(views, "PAGE", 1)
        older = parse_qs(bob.get("/inbox/?show=unread&org=acme&reason=org").context["older"])
        assert {name: older[name] for name in ("show", "org", "reason")} == {
            "show": ["unread"],
            "org": ["acme"],
            "reason": ["org"],
        }
        assert int(older["before"][0]) == events[-1].pk

    def test_what_was_seen_is_a_place_in_each_log_whatever_is_shown(self, acme, globex, bob, events):
        globex.join("bob")
        page = bob.get(f"/inbox/?reason=org&before={events[1].pk}")
        new_task(acme, actor=acme.alice)
        seen = page.content.decode().split('name="seen" value="')
        assert [part.split('"')[0] for part in seen[1:]] == [
            page.context["seen"]
        ] * 2  # the bell's and the list's
        assert page.context["seen"] == f"{acme.pk}.5.{events[-1].digest[:8]},{globex.pk}.0.00000000"

    def test_filters(self, acme, globex, bob, events):
        globex.join("bob")
        other = log.load_stream(globex.pk, new_task(globex, actor=globex.gina).pk)[0].pk
        mention = comment(new_task(acme, actor=acme.bob), "@bob", actor=acme.alice).pk
        bob.post("/inbox/mark/", {"act": "read", "event_ids": events[0].pk})
        everything = [mention, other, *(event.pk for event in reversed(events))]
        for query, expected in {
            "": everything,
            "show=all": everything,
            "show=unread": everything[:-1],
            "show=nonsense": everything,
            "org=globex": [other],
            "org=acme": [event for event in everything if event != other],
            "org=nowhere": [],
            "org=%00": [],
            "reason=mentioned": [mention],
            "reason=org": everything[1:],
            "reason=assigned": [],
            "reason=nonsense": everything,
            "show=unread&org=acme&reason=org": [event.pk for event in reversed(events[1:])],
        }.items():
            assert shown(bob.get(f"/inbox/?{query}")) == expected, query

    def test_groups_by_day(self, acme, bob):
        now = dt.datetime.now(dt.UTC)
        for days in (9, 1, 0, 0):
            entries = [log.Entry(facts.TaskCreated("x"), "x")]
            with transaction.atomic():
                (event,) = log.append(
                    log.lock_head(acme.pk),
                    uuid.uuid4(),
                    1,
                    0,
                    entries,
                    actor=acme.alice,
                    now=now - dt.timedelta(days=days),
                )
                deliver(event, News(to_all=True))
        groups = bob.get("/inbox/").context["groups"]
        assert [len(group["rows"]) for group in groups] == [2, 1, 1]
        assert [group["day"] for group in groups][:2] == ["Today", "Yesterday"]

    @pytest.mark.parametrize(
        "query",
        [
            "before=x",
            "before=-1",
            "before=0",
            f"before={10**30}",
            "before=%00",
            "before=١",
            "before=1.5",
            "show=%00&reason=%00&org=%00",
            "org=" + "x" * 5_000,
            "a=%ff",
        ],
    )
    def test_nonsense_in_the_address_breaks_nothing(self, bob, events, query):
        response = bob.get(f"/inbox/?{query}")
        assert response.status_code == 200
        assert TRACEBACK not in response.content.decode()

    def test_text_of_others_is_never_markup(self, acme, bob):
        title = "<img src=x onerror=alert(1)>"
        task = new_task(acme, actor=acme.alice, title=title)
        comment(task, "</script><script>alert(1)</script>", actor=acme.alice)
        page = bob.get("/inbox/").content.decode()
        assert title not in page
        assert "<script>alert" not in page
        assert html.escape(title) in page


class TestOpening:
    def test_goes_to_the_event_on_the_task_which_reads_what_it_shows(self, acme, bob, events):
        pk = events[2].pk
        response = bob.get(f"/inbox/{pk}/")
        assert (response.status_code, response["Location"]) == (
            302,
            f"/orgs/acme/tasks/1/?event={pk}#event-{pk}",
        )
        assert unread(acme.bob) == {event.pk for event in events}
        bob.get(response["Location"])
        assert unread(acme.bob) == set()

    def test_carries_the_words_of_the_list_on(self, acme, bob, events):
        pk = events[2].pk
        found = bob.get(f"/inbox/{pk}/", {"q": "is:unread from:alice"})["Location"]
        assert found == f"/orgs/acme/tasks/1/?event={pk}&inbox=is%3Aunread+from%3Aalice#event-{pk}"

    def test_of_what_has_no_page_of_events_it_is_read_at_once(self, acme, bob):
        UserFactory(username="dora")
        add_member(by=acme.membership(acme.alice), username="dora", role="member")
        pk = Notification.objects.get(recipient=acme.bob).event_id
        assert bob.get(f"/inbox/{pk}/")["Location"] == "/orgs/acme/members/"
        assert unread(acme.bob) == set()

    def test_twice_changes_nothing(self, acme, bob, events):
        bob.get(f"/inbox/{events[2].pk}/", follow=True)
        moment = Notification.objects.get(recipient=acme.bob, event=events[2]).read_at
        assert bob.get(f"/inbox/{events[2].pk}/", follow=True).status_code == 200
        assert Notification.objects.get(recipient=acme.bob, event=events[2]).read_at == moment

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Purpose": "prefetch"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"Sec-Purpose": "prefetch;anonymous-client-ip"},
            {"Purpose": "prefetch"},
            {"X-Moz": "prefetch"},
            {"X-Purpose": "preview"},
            {"Purpose": "Preview"},
        ],
    )
    def test_whoever_only_looks_where_it_leads_reads_nothing(self, acme, bob, events, headers):
        response = bob.get(f"/inbox/{events[2].pk}/", headers=headers, follow=True)
        assert response.request["PATH_INFO"] == "/orgs/acme/tasks/1/"
        assert len(unread(acme.bob)) == 5

    def test_asked_for_its_head_alone_it_reads_nothing(self, acme, bob, events):
        assert bob.head(bob.head(f"/inbox/{events[2].pk}/")["Location"]).status_code == 200
        assert bob.options(f"/inbox/{events[2].pk}/").status_code == 405
        assert len(unread(acme.bob)) == 5

    @pytest.mark.parametrize("event_id", ["0", "999999", str(10**17), str(10**30), "9" * 4_000])
    def test_what_does_not_exist_is_not_found(self, bob, event_id):
        assert bob.get(f"/inbox/{event_id}/").status_code == 404

    def test_of_an_organization_that_was_left_is_not_found(self, acme, bob, events):
        acme.membership(acme.bob).delete()
        assert bob.get(f"/inbox/{events[0].pk}/").status_code == 404


class TestMarking:
    def test_reads_and_unreads(self, acme, bob, events):
        ids = [events[0].pk, events[3].pk]
        assert bob.post("/inbox/mark/", {"act": "read", "event_ids": ids}).status_code == 302
        assert unread(acme.bob) == {events[1].pk, events[2].pk, events[4].pk}
        bob.post("/inbox/mark/", {"act": "unread", "event_ids": [ids[0]]})
        assert unread(acme.bob) == {events[0].pk, events[1].pk, events[2].pk, events[4].pk}

    def test_all_up_to_what_was_seen(self, acme, bob, events):
        seen = seen_by(acme.bob)
        later = comment(new_task(acme, actor=acme.carol), actor=acme.carol).pk
        mark_all(bob, seen)
        assert unread(acme.bob) == {later - 1, later}

    def test_all_of_one_organization(self, acme, globex, bob, events):
        globex.join("bob")
        other = log.load_stream(globex.pk, new_task(globex, actor=globex.gina).pk)[0].pk
        mark_all(bob, seen_by(acme.bob), org="acme")
        assert unread(acme.bob) == {other}

    def test_all_of_an_organization_whose_place_was_not_said_is_none(self, acme, globex, bob, events):
        seen = seen_by(acme.bob)
        globex.join("bob")
        other = log.load_stream(globex.pk, new_task(globex, actor=globex.gina).pk)[0].pk
        mark_all(bob, seen)
        assert unread(acme.bob) == {other}

    def test_all_that_a_filter_left(self, acme, bob, events):
        mention = comment(new_task(acme, actor=acme.alice), "@bob", actor=acme.alice).pk
        page = bob.get("/inbox/?reason=mentioned")
        form = forms_of(page, "main")["read-all"]
        assert "Mark all of these read" in page.content.decode()
        bob.post("/inbox/mark/", form)
        assert unread(acme.bob) == {mention - 1, *(event.pk for event in events)}

    def test_the_bell_marks_what_it_showed_whatever_the_page_filters(self, acme, globex, bob, events):
        globex.join("bob")
        new_task(globex, actor=globex.gina)
        form = forms_of(bob.get("/inbox/?reason=mentioned&org=acme"), "bell")["read-all"]
        later = new_task(globex, actor=globex.gina)
        bob.post("/inbox/mark/", form)
        assert unread(acme.bob) == {log.load_stream(globex.pk, later.pk)[0].pk}

    @pytest.mark.parametrize("cursor", ["{org}.5.ffffffff", "{org}.6.{digest}", "{org}.0.{digest}"])
    def test_all_of_another_history_is_none_and_said(self, acme, bob, events, cursor):
        seen = cursor.format(org=acme.pk, digest=events[-1].digest[:8])
        response = mark_all(bob, seen)
        assert response.status_code == 409
        assert "Reload it" in response.content.decode()
        assert len(unread(acme.bob)) == 5

    def test_all_can_be_undone_by_what_the_message_offers(self, acme, bob, events):
        bob.post("/inbox/mark/", {"act": "read", "event_ids": events[0].pk})
        response = mark_all(bob, seen_by(acme.bob))
        (message,) = get_messages(response.wsgi_request)
        assert str(message) == "Marked 4 notifications read."
        url, *fields = message.extra_tags.removeprefix("undo:").split("|")
        assert unread(acme.bob) == set()
        bob.post(url, dict(field.split("=", 1) for field in fields))
        assert unread(acme.bob) == {event.pk for event in events[1:]}

    def test_the_undo_form_of_the_page_undoes(self, acme, bob, events):
        page = mark_all(bob, seen_by(acme.bob), follow=True)
        bob.post("/inbox/mark/", forms_of(page, "main")["undo-all"])
        assert unread(acme.bob) == {event.pk for event in events}

    def test_a_page_of_before_an_update_undoes_by_the_moment(self, acme, bob, events):
        mark_all(bob, seen_by(acme.bob))
        moment = Notification.objects.filter(recipient=acme.bob).first().read_at
        bob.post("/inbox/mark/", {"act": "undo-all", "read_at": moment.isoformat()})
        assert unread(acme.bob) == {event.pk for event in events}

    @pytest.mark.parametrize(("count", "words"), [(1, "1 notification read"), (2, "2 notifications read")])
    def test_all_says_how_many(self, acme, bob, events, count, words):
        response = mark_all(bob, str(Cursor.at(events[count - 1])))
        (message,) = get_messages(response.wsgi_request)
        assert words in str(message)

    def test_all_of_nothing_offers_no_undo(self, acme, bob, events):
        response = mark_all(bob, f"{acme.pk}.0.00000000")
        (message,) = get_messages(response.wsgi_request)
        assert not message.extra_tags

    def test_by_an_id_alone_all_of_its_own_organization(self, acme, globex, bob, events):
        """As pages of before an update say it: of the others, an event with a smaller id may commit later."""
        globex.join("bob")
        other = log.load_stream(globex.pk, new_task(globex, actor=globex.gina).pk)[0].pk
        response = bob.post("/inbox/mark/", {"act": "read-all", "up_to": other})
        assert response.status_code == 302
        assert unread(acme.bob) == {event.pk for event in events}

    @pytest.mark.parametrize(
        "said",
        [
            {"up_to": 0},
            {"up_to": 10**17},
            {"org": "globex"},
            {"next": "/inbox/?reason=mentioned"},
        ],
    )
    def test_by_an_id_that_tells_no_place_none(self, acme, globex, bob, events, said):
        globex.join("bob")
        response = bob.post("/inbox/mark/", {"act": "read-all", "up_to": events[-1].pk} | said)
        assert response.status_code == 409
        assert "Reload it" in response.content.decode()
        assert len(unread(acme.bob)) == 5

    def test_a_program_learns_which_counts_know_of_its_mark(self, acme, bob, events):
        answers = [
            bob.post(
                "/inbox/mark/",
                {"act": act, "event_ids": events[0].pk},
                headers={"Accept": "application/json"},
            )
            for act in ("read", "read", "unread")
        ]
        first, second, third = (int(answer["X-Inbox-Revision"]) for answer in answers)
        assert first == second < third == org_inboxes(acme.bob.pk)[0].revision

    def test_a_program_gets_no_page(self, bob, events):
        response = bob.post(
            "/inbox/mark/",
            {"act": "read", "event_ids": events[0].pk},
            headers={"Accept": "application/json"},
        )
        assert (response.status_code, response.content) == (204, b"")

    def test_needs_a_post(self, bob):
        assert bob.get("/inbox/mark/").status_code == 405

    def test_needs_the_forms_token(self, acme, events):
        strict = signed_in(acme.bob, enforce_csrf_checks=True)
        response = strict.post("/inbox/mark/", {"act": "read", "event_ids": events[0].pk})
        assert response.status_code == 403
        assert len(unread(acme.bob)) == 5

    def test_the_signed_out_are_asked_to_sign_in(self, acme, client, events):
        response = client.post("/inbox/mark/", {"act": "read-all", "seen": seen_by(acme.bob)})
        assert response["Location"].startswith("/accounts/login/")
        assert len(unread(acme.bob)) == 5


class TestStates:
    def post(self, client, act, **fields):
        response = client.post("/inbox/mark/", {"act": act} | fields, headers={"Accept": "application/json"})
        assert response.status_code == 204
        return int(response["X-Inbox-Mark"]), int(response["X-Inbox-Changed"])

    def states(self, user):
        rows = Notification.objects.filter(recipient=user).order_by("event_id")
        return [State(state).word for state in rows.values_list("state", flat=True)]

    @pytest.mark.parametrize(("act", "state"), [("done", "done"), ("save", "saved"), ("snooze", "snoozed")])
    def test_an_act_puts_it_elsewhere_and_its_number_puts_it_back(self, acme, bob, events, act, state):
        until = {"until": (timezone.now() + dt.timedelta(hours=1)).isoformat()} if act == "snooze" else {}
        ids = [events[0].pk, events[1].pk]
        mark, changed = self.post(bob, act, event_ids=ids, **until)
        assert (changed, self.states(acme.bob)) == (2, [state] * 2 + ["unread"] * 3)
        assert [listed_in(bob, show) for show in (state, "unread")] == [ids[::-1], newest_first(events[2:])]
        assert self.post(bob, "undo-all", mark=mark) == (mark, 2)
        assert self.states(acme.bob) == ["unread"] * 5
        assert self.post(bob, "undo-all", mark=mark) == (mark, 0)

    def test_all_that_a_list_shows(self, acme, bob, events):
        seen = seen_by(acme.bob)
        self.post(bob, "save", event_ids=events[0].pk)
        self.post(bob, "read", event_ids=events[1].pk)
        assert self.post(bob, "done-all", seen=seen, show="unread")[1] == 3
        assert self.states(acme.bob) == ["saved", "read", "done", "done", "done"]
        mark, changed = self.post(bob, "undone-all", seen=seen, show="done", org="acme", reason="org")
        assert (changed, self.states(acme.bob)) == (3, ["saved", "read", "read", "read", "read"])
        self.post(bob, "undo-all", mark=mark)
        assert self.states(acme.bob) == ["saved", "read", "done", "done", "done"]

    def test_all_as_it_was_shown_leaves_what_has_come_into_the_list_since(self, acme, bob, events):
        self.post(bob, "done", event_ids=events[0].pk)
        page = {"seen": seen_by(acme.bob), "revision": org_inboxes(acme.bob.pk)[0].revision}
        self.post(bob, "undone", event_ids=events[0].pk)
        assert self.post(bob, "done-all", **page)[1] == 4
        assert self.states(acme.bob) == ["read", "done", "done", "done", "done"]

    def test_a_page_says_what_was_done_and_offers_the_undo(self, acme, bob, events):
        response = bob.post("/inbox/mark/", {"act": "done-all", "seen": seen_by(acme.bob)})
        (message,) = get_messages(response.wsgi_request)
        assert str(message) == "Marked 5 notifications done."
        fields = dict(field.split("=", 1) for field in message.extra_tags.split("|")[1:])
        bob.post("/inbox/mark/", fields)
        assert self.states(acme.bob) == ["unread"] * 5
        response = bob.post("/inbox/mark/", fields)
        assert "There was nothing left to undo." in [str(one) for one in get_messages(response.wsgi_request)]

    def test_opening_what_is_put_aside_leaves_it_there(self, acme, bob, events):
        self.post(bob, "save", event_ids=events[0].pk)
        bob.get(f"/inbox/{events[0].pk}/", follow=True)
        assert self.states(acme.bob)[0] == "saved"


def newest_first(events):
    return [event.pk for event in reversed(events)]


def listed_in(client, show):
    groups = client.get(f"/inbox/?show={show}").context["groups"]
    return [row.event.pk for group in groups for row in group["rows"]]


BAD = {
    "no act": {},
    "unknown act": {"act": "burn"},
    "NUL act": {"act": "\x00"},
    "read without ids": {"act": "read"},
    "unread without ids": {"act": "unread"},
    "empty id": {"act": "read", "event_ids": ""},
    "text for an id": {"act": "read", "event_ids": "one"},
    "negative id": {"act": "read", "event_ids": "-1"},
    "fraction": {"act": "read", "event_ids": "1.5"},
    "huge id": {"act": "read", "event_ids": str(10**30)},
    "NUL id": {"act": "read", "event_ids": "\x00"},
    "digits of another script": {"act": "read", "event_ids": "١"},
    "superscript": {"act": "read", "event_ids": "²"},
    "one bad among good": {"act": "read", "event_ids": ["1", "x"]},
    "too many": {"act": "read", "event_ids": [str(number) for number in range(501)]},
    "all without a place": {"act": "read-all"},
    "all up to no cursor": {"act": "read-all", "seen": "now"},
    "all up to half a cursor": {"act": "read-all", "seen": "1.5.0000000,"},
    "all up to nothing": {"act": "read-all", "seen": ""},
    "all up to NUL in a cursor": {"act": "read-all", "seen": "1.5.0000000\x00"},
    "all for no reason": {"act": "read-all", "seen": "1.0.00000000", "reason": "nonsense"},
    "all up to text": {"act": "read-all", "up_to": "now"},
    "all up to huge": {"act": "read-all", "up_to": str(10**30)},
    "all up to NUL": {"act": "read-all", "up_to": "\x00"},
    "all in no list": {"act": "done-all", "seen": "1.0.00000000", "show": "attic"},
    "all as of text": {"act": "read-all", "seen": "1.0.00000000", "revision": "now"},
    "a snooze without a moment": {"act": "snooze", "event_ids": "1"},
    "a snooze until text": {"act": "snooze", "event_ids": "1", "until": "tomorrow"},
    "a snooze until no day": {"act": "snooze", "event_ids": "1", "until": "2027-02-30T09:00:00Z"},
    "a snooze without a zone": {"act": "snooze", "event_ids": "1", "until": "2027-02-03T09:00:00"},
    "a snooze in the past": {"act": "snooze", "event_ids": "1", "until": "2020-01-01T09:00:00Z"},
    "a snooze for ages": {"act": "snooze", "event_ids": "1", "until": "9999-12-31T23:59:59Z"},
    "a snooze beyond time": {"act": "snooze", "event_ids": "1", "until": "9999-12-31T23:59:59-14:00"},
    "a snooze of all without a moment": {"act": "snooze-all", "seen": "1.0.00000000"},
    "an act of the clock": {"act": "wake", "event_ids": "1"},
    "undo without a mark": {"act": "undo-all"},
    "undo of a mark that is text": {"act": "undo-all", "mark": "last"},
    "undo of a mark after time": {"act": "undo-all", "mark": "9" * 18},
    "undo of a huge mark": {"act": "undo-all", "mark": "9" * 30},
    "undo of text": {"act": "undo-all", "read_at": "yesterday"},
    "undo of an impossible day": {"act": "undo-all", "read_at": "2026-13-45T10:00:00+00:00"},
    "undo of an impossible hour": {"act": "undo-all", "read_at": "2026-11-22T25:00:00+00:00"},
    "undo without a zone": {"act": "undo-all", "read_at": "2026-11-22T10:00:00"},
    "undo before time": {"act": "undo-all", "read_at": "0001-01-01T00:00:00+14:00"},
    "undo after time": {"act": "undo-all", "read_at": "9999-12-31T23:59:59-14:00"},
    "undo NUL": {"act": "undo-all", "read_at": "\x00"},
}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_a_sentence(acme, bob, events, body, accept):
    before = list(Notification.objects.order_by("recipient", "event").values())
    response = bob.post("/inbox/mark/", body, headers={"Accept": accept})
    assert response.status_code == 400
    text = response.content.decode()
    assert re.search(r"Say (what|how|which|until)|Send between 1 and 500", text)
    assert TRACEBACK not in text
    if accept == "application/json":
        assert response.json()["error"]["code"] == "invalid"
    assert list(Notification.objects.order_by("recipient", "event").values()) == before


class TestWhereItGoesOn:
    def location(self, client, url):
        return client.post("/inbox/mark/", {"act": "read", "event_ids": "1", "next": url})["Location"]

    @pytest.mark.parametrize("url", ["/inbox/?show=unread", "/orgs/acme/tasks/1/", "/?a=b&c=d", "/"])
    def test_back_to_where_it_came_from(self, bob, url):
        assert self.location(bob, url) == url

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "https://evil.example/",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "http:evil.example",
            "https:///evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            " //evil.example",
            "\t//evil.example",
            "\x00//evil.example",
            "http://testserver/inbox/",
            "http://[",
            "?show=unread",
            "home",
            "inbox:list",
            "evil.example",
        ],
    )
    def test_never_to_another_site_nor_to_nowhere(self, bob, url):
        assert self.location(bob, url) == "/inbox/"

    def test_no_header_can_be_smuggled_in(self, bob):
        location = self.location(bob, "/x\r\nSet-Cookie: a=b")
        assert "\r" not in location
        assert "\n" not in location


def test_every_page_costs_the_same_queries_whatever_there_is(acme, bob):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert bob.get("/inbox/").status_code == 200
        return len(queries)

    assign(new_task(acme, actor=acme.alice), acme.carol, actor=acme.alice)
    few = cost()
    for number in range(12):
        task = new_task(acme, actor=acme.carol, description="@vera @alice")
        assign(task, (acme.alice, acme.carol)[number % 2], actor=acme.alice)
    assert cost() == few
