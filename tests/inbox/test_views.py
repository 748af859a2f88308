"""The notifications page and its marks."""

import datetime as dt
import html
import json
import re
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from base.statements import run
from events import log
from events.cursors import Cursor
from events.models import TaskEvent
from inbox import marks, thread_rows, threads, undo_offers
from inbox.deliver import delivery
from inbox.models import Notification
from inbox.news import News
from inbox.org_inboxes import joined_cursors, org_inboxes
from inbox.revisions import moment_of
from inbox.snoozed import wake_snoozed
from inbox.states import Act, State
from membership.services import add_member
from tasks import facts
from tests.conftest import TRACEBACK
from tests.factories import UserFactory
from tests.tasks.acme import assign, comment, new_task, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

JSON = {"Accept": "application/json"}


@pytest.fixture
def events(acme):
    task = new_task(acme, actor=acme.alice)
    return [log.load_stream(acme.pk, task.pk)[0], *(comment(task, actor=acme.alice) for _ in range(4))]


def shown(response):
    """Event ids in the order of the page."""
    assert response.status_code == 200
    ids = [row.event_id for group in response.context["groups"] for row in group["rows"]]
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
    return {
        act: {name: html.unescape(value) for name, value in pairs} | {"act": act}
        for pairs in fields
        for name, act in pairs
        if name == "act"
    }


def unread(user):
    return set(
        Notification.objects.filter(recipient=user, state=State.UNREAD).values_list("event_id", flat=True)
    )


def written(acme, now):
    """Alice made a task at that moment."""
    with transaction.atomic():
        (event,) = log.append(
            log.lock_head(acme.pk),
            uuid.uuid4(),
            1,
            0,
            [log.Entry(facts.TaskCreated("x"), "x")],
            actor=acme.alice,
            now=now,
        )
        run(delivery(event, News({}, to_all=True)))
    return event


class TestThePage:
    def test_lists_a_thread_once_at_its_newest(self, acme, bob, events):
        other = new_task(acme, actor=acme.alice)
        comment(other, actor=acme.alice)
        newest = comment(other, actor=acme.alice)
        response = bob.get("/inbox/")
        assert shown(response) == [newest.pk, events[-1].pk]
        assert response.context["seen"] == joined_cursors(org_inboxes(acme.bob.pk))
        page = html.unescape(response.content.decode())
        assert ("5 new" in page, "3 new" in page, "Alice, 5 changes ·" in page) == (True, True, True)

    def test_is_empty_for_somebody_new(self, acme, bob):
        response = bob.get("/inbox/")
        assert shown(response) == []
        assert "read-all" not in response.content.decode()

    def pages(self, client, query, monkeypatch, size):
        monkeypatch.setattr(threads.page_of, "__kwdefaults__", {"apart": (), "limit": size})
        found, before = [], ""
        while True:
            response = client.get(f"/inbox/?q={query}{before}")
            found.append(shown(response))
            assert response.context["newer"] is (len(found) > 1)
            if not (older := response.context["older_page"]):
                return found
            before = f"&before={older}"

    def test_pages_by_the_last_thread_shown_and_shows_none_twice(self, acme, bob, monkeypatch):
        tasks = [new_task(acme, actor=acme.alice) for _ in range(5)]
        newest = [comment(task, actor=acme.alice).pk for task in (*tasks, *tasks)]
        assert self.pages(bob, "", monkeypatch, 2) == [newest[:7:-1], newest[7:5:-1], newest[5:4:-1]]

    def test_a_full_last_page_promises_nothing_older(self, acme, bob, events, monkeypatch):
        assert self.pages(bob, "", monkeypatch, 1) == [[events[-1].pk]]

    def test_a_page_stays_the_same_while_new_ones_arrive(self, acme, bob, events):
        before = new_task(acme, actor=acme.alice)
        older = log.load_stream(acme.pk, before.pk)[0].pk
        page = shown(bob.get(f"/inbox/?before={older}"))
        new_task(acme, actor=acme.alice)
        assert shown(bob.get(f"/inbox/?before={older}")) == page == [events[-1].pk]

    def test_goes_to_the_end_of_a_day(self, acme, bob):
        now = timezone.now()
        ids = {days: written(acme, now - dt.timedelta(days=days)).pk for days in (9, 5, 0)}
        for days, expected in ((9, [9]), (6, [9]), (5, [5, 9]), (0, [0, 5, 9]), (-3, [0, 5, 9]), (30, [])):
            day = timezone.localdate() - dt.timedelta(days=days)
            response = bob.get(f"/inbox/?before_day={day}")
            assert shown(response) == [ids[each] for each in expected], days

    def test_what_an_older_address_says_is_said_in_words(self, bob, events):
        response = bob.get("/inbox/?show=unread&org=acme&reason=org")
        assert response.context["understood"] == "is:unread org:acme reason:org"
        assert 'value="is:unread org:acme reason:org"' in response.content.decode()

    def test_what_was_seen_is_a_place_in_each_log_whatever_is_shown(self, acme, globex, bob, events):
        globex.join("bob")
        page = bob.get(f"/inbox/?reason=org&before={events[1].pk}")
        new_task(acme, actor=acme.alice)
        seen = page.content.decode().split('name="seen" value="')
        assert {part.split('"')[0] for part in seen[1:]} == {page.context["seen"]}
        assert page.context["seen"] == f"{acme.pk}.5.{events[-1].digest[:8]},{globex.pk}.0.00000000"

    def test_words_and_older_addresses_lead_to_the_same_list(self, acme, globex, bob, events):
        globex.join("bob")
        mention = comment(new_task(acme, actor=acme.bob), "@bob", actor=acme.alice).pk
        other = log.load_stream(globex.pk, new_task(globex, actor=globex.gina).pk)[0].pk
        bob.post("/inbox/mark/", {"act": "read", "event_ids": events[4].pk})
        everything = [other, mention, events[4].pk]
        for query, expected in {
            "": everything,
            "show=all": everything,
            "show=unread": [other, mention, events[3].pk],
            "q=is:read": [events[4].pk],
            "q=is:done": [],
            "q=-is:unread": [events[4].pk],
            "show=nonsense": everything,
            "org=globex": [other],
            "q=-org:globex": [mention, events[4].pk],
            "q=org:GLOBEX org:acme": everything,
            "org=nowhere": everything,
            "q=org:nowhere org:globex": [other],
            "q=is:nonsense colour:red": everything,
            "reason=mentioned": [mention],
            "q=reason:mentions": [mention],
            "q=-reason:org": [mention],
            "reason=org": [other, events[4].pk],
            "q=reason:mine": [],
            "reason=nonsense": everything,
            "q=from:gina": [other],
            "q=-from:ALICE": [other],
            "q=from:dave": everything,
            "q=task:acme-1": [events[4].pk],
            "q=task:GLOBEX-1 task:ACME-2": [other, mention],
            "q=-task:ACME-2": [other, events[4].pk],
            "q=task:INITECH-1": everything,
            "q=window": [],
            "show=unread&org=acme&reason=org": [events[3].pk],
            "org=acme&q=-reason:mentioned": [events[4].pk],
        }.items():
            response = bob.get(f"/inbox/?{query}")
            assert shown(response) == expected, query

    def test_says_which_word_it_could_not_read_and_leads_on_without_it(self, bob, events):
        response = bob.get("/inbox/?q=org:nowhere is:unread colour:red %22!!%22")
        page = html.unescape(response.content.decode())
        assert "You are not in an organization with the short name “nowhere”." in page
        assert "“colour:red” is not a filter" in page
        assert "has no letter or digit to search for" in page
        assert response.context["understood"] == "is:unread"

    def test_searches_titles_and_texts(self, acme, bob, events):
        titled = new_task(acme, actor=acme.alice, title="Rotate the signing keys")
        said = comment(
            new_task(acme, actor=acme.alice, title="Other"), "The signing of keys", actor=acme.carol
        )
        first = log.load_stream(acme.pk, titled.pk)[0].pk
        for query, expected in {
            "signing keys": [said.pk, first],
            '"signing keys"': [first],
            '-"signing keys" signing': [said.pk],
            "SIGN": [said.pk, first],
        }.items():
            assert shown(bob.get("/inbox/", {"q": query})) == expected, query

    def test_groups_by_day(self, acme, bob):
        now = timezone.now()
        for days in (9, 1, 0, 0):
            written(acme, now - dt.timedelta(days=days))
        groups = bob.get("/inbox/").context["groups"]
        assert [len(group["rows"]) for group in groups] == [2, 1, 1]
        assert [group["day"] for group in groups][:2] == ["Today", "Yesterday"]

    def test_what_came_back_stands_on_top_once_until_it_is_read(self, acme, bob, events):
        later = comment(new_task(acme, actor=acme.alice), actor=acme.alice)
        until = timezone.now() + dt.timedelta(hours=1)
        marks.mark(acme.bob.pk, Act.SNOOZE, [events[0].pk], until=until)
        wake_snoozed(until)
        for query in ("", "is:unread"):
            response = bob.get("/inbox/", {"q": query})
            assert shown(response) == [events[-1].pk, later.pk]
            group = response.context["groups"][0]
            assert (group["day"], group["rows"][0].reason_label) == ("Back from snooze", "back from snooze")
        assert shown(bob.get(f"/inbox/?before={later.pk}")) == []
        bob.post("/inbox/mark/", {"act": "read", "event_ids": events[0].pk})
        response = bob.get("/inbox/")
        assert shown(response) == [later.pk, events[-1].pk]
        assert response.context["groups"][0]["day"] == "Today"

    def test_opens_what_lies_underneath_with_acts_of_its_own(self, acme, bob, monkeypatch):
        monkeypatch.setattr(thread_rows, "PARTS", 3)
        task = new_task(acme, actor=acme.alice)
        told = [log.load_stream(acme.pk, task.pk)[0], *(comment(task, actor=acme.carol) for _ in range(4))]
        found, older = [], ""
        while older is not None:
            response = bob.get(f"/inbox/?open={task.pk}&older={older}")
            (row,) = response.context["groups"][0]["rows"]
            found += [part.event_id for part in row.parts]
            assert response.content.decode().count('name="event_ids"') == len(row.parts)
            older = row.older_parts
        assert found == [event.pk for event in reversed(told)]

    def test_a_row_mutes_and_says_why_without_scripts(self, acme, bob):
        task = new_task(acme, actor=acme.alice)
        (told,) = log.load_stream(acme.pk, task.pk)
        page = bob.get("/inbox/?q=org:acme")
        (more,) = re.findall(r'data-act="more"\s+href="([^"]+)"', page.content.decode())
        page = bob.get(html.unescape(more).partition("#")[0])
        (why,) = re.findall(r'data-why\s+href="(/[^"]+)"', page.content.decode())
        assert bob.get(why).context["event"] == told
        (form,) = re.findall(
            rf'action="/inbox/mute/">(?:(?!</form>).)*{task.pk}.*?</form>', page.content.decode(), re.DOTALL
        )
        fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', form))
        response = bob.post("/inbox/mute/", fields, follow=True)
        assert response.redirect_chain == [("/inbox/?q=org:acme", 302)]
        assert "You muted ACME-1." in response.content.decode()
        comment(task, actor=acme.alice)
        assert shown(bob.get("/inbox/")) == [told.pk]

    def test_is_as_it_says_for_a_script(self, acme, globex, bob, events):
        globex.join("bob")
        task = TaskEvent.objects.get(pk=events[0].pk).stream_id
        page = bob.get("/inbox/?q=is:unread -org:globex reason:mentions -from:alice task:ACME-1 key")
        data = json.loads(html.unescape(re.search(r'data-query="([^"]*)"', page.content.decode())[1]))
        assert data == {
            "states": ["unread"],
            "orgs": [acme.pk],
            "not_orgs": [],
            "reasons": ["mentioned"],
            "not_reasons": [],
            "streams": [str(task)],
            "not_streams": [],
            "actors": [],
            "not_actors": [acme.alice.pk],
            "text": True,
        }

    def test_counts_what_each_list_and_reason_has(self, acme, globex, bob, events):
        globex.join("bob")
        new_task(globex, actor=globex.gina)
        mention = comment(new_task(acme, actor=acme.bob), "@bob", actor=acme.alice).pk
        bob.post("/inbox/mark/", {"act": "save", "event_ids": events[0].pk})
        bob.post("/inbox/mark/", {"act": "read", "event_ids": events[1].pk})
        response = bob.get("/inbox/")
        counts = {link.code: link.count for link in response.context["views"]}
        assert counts == {"inbox": 5, "unread": 5, "mine": 1, "saved": 1, "snoozed": 0, "done": 0}
        assert [(link.label, link.count) for link in response.context["organizations"]] == [
            ("Acme", 4),
            ("Globex", 1),
        ]
        assert [link.count for link in response.context["chips"]] == [6, 1, 0, 0, 5]
        assert "Mark these 5 read" in response.content.decode()
        response = bob.get("/inbox/?q=from:alice -reason:org")
        assert [link.count for link in response.context["chips"]] == [5, 1, 0, 0, 4]
        assert "Mark this one read" in response.content.decode()
        assert shown(response) == [mention]

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


def at_event(event):
    return f"/orgs/acme/tasks/1/?event={event.pk}#event-{event.pk}"


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

    def test_takes_the_words_of_its_list_along(self, acme, bob, events):
        pk = events[2].pk
        found = bob.get(f"/inbox/{pk}/?q=is:unread from:alice")["Location"]
        assert found == f"/orgs/acme/tasks/1/?event={pk}&inbox=is%3Aunread+from%3Aalice#event-{pk}"

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
        assert "Mark this one read" in page.content.decode()
        bob.post("/inbox/mark/", form)
        assert unread(acme.bob) == {mention - 1, *(event.pk for event in events)}

    def test_the_bell_marks_what_it_showed_whatever_the_page_filters(self, acme, globex, bob, events):
        globex.join("bob")
        new_task(globex, actor=globex.gina)
        page = bob.get("/inbox/?reason=mentioned&org=acme")
        form = forms_of(page, "bell")["read-threads"]
        threads = re.findall(r'name="threads"\s+value="([^"]*)"\s+form="bell-mark">', page.content.decode())
        later = new_task(globex, actor=globex.gina)
        bob.post("/inbox/mark/", form | {"threads": threads})
        assert unread(acme.bob) == {log.load_stream(globex.pk, later.pk)[0].pk}

    @pytest.mark.parametrize("cursor", ["{org}.5.ffffffff", "{org}.6.{digest}", "{org}.0.{digest}"])
    def test_all_of_another_history_is_none_and_said(self, acme, bob, events, cursor):
        seen = cursor.format(org=acme.pk, digest=events[-1].digest[:8])
        response = mark_all(bob, seen)
        assert response.status_code == 409
        assert "Reload it" in response.content.decode()
        assert len(unread(acme.bob)) == 5

    def test_the_undo_is_offered_on_every_page_until_it_is_taken(self, acme, bob, events):
        bob.post("/inbox/mark/", {"act": "read", "event_ids": events[0].pk})
        mark_all(bob, seen_by(acme.bob), q="is:unread")
        for url in ("/inbox/?q=is:unread", "/orgs/acme/tasks/", "/inbox/"):
            page = bob.get(url)
            assert "4 updates are read." in page.content.decode()
            assert forms_of(page, "main")["undo-all"]["next"] == url
        response = bob.post("/inbox/mark/", forms_of(page, "main")["undo-all"], follow=True)
        assert unread(acme.bob) == {event.pk for event in events[1:]}
        assert "Undone: 4 updates are back as before." in response.content.decode()
        assert "undo-all" not in response.content.decode()

    def test_the_offer_can_be_dismissed_and_is_nobody_elses(self, acme, bob, events):
        mark_all(bob, seen_by(acme.bob))
        bob.force_login(acme.carol)
        assert "undo-all" not in bob.get("/inbox/").content.decode()
        bob.force_login(acme.bob)
        page = bob.get("/inbox/")
        assert "undo-all" in page.content.decode()
        page = bob.post("/inbox/mark/", {"act": "keep"}, follow=True)
        assert "undo-all" not in page.content.decode()
        assert unread(acme.bob) == set()

    @pytest.mark.parametrize("kept", ["", "x", "W10:x:y"])
    def test_an_offer_that_nobody_made_is_none(self, acme, bob, events, kept):
        bob.cookies[undo_offers.COOKIE] = kept
        page = bob.get("/inbox/")
        assert page.status_code == 200
        assert "undo-all" not in page.content.decode()

    def test_what_another_device_has_undone_is_said(self, acme, bob, events):
        page = mark_all(bob, seen_by(acme.bob), follow=True)
        form = forms_of(page, "main")["undo-all"]
        marks.undo(acme.bob.pk, int(form["mark"]))
        page = bob.post("/inbox/mark/", form, follow=True)
        assert "There was nothing left to undo" in page.content.decode()

    def test_a_page_of_before_an_update_undoes_by_the_moment(self, acme, bob, events):
        mark_all(bob, seen_by(acme.bob))
        moment = Notification.objects.filter(recipient=acme.bob).first().read_at
        bob.post("/inbox/mark/", {"act": "undo-all", "read_at": moment.isoformat()})
        assert unread(acme.bob) == {event.pk for event in events}

    @pytest.mark.parametrize(("count", "words"), [(1, "1 update is read."), (2, "2 updates are read.")])
    def test_all_says_how_many(self, acme, bob, events, count, words):
        response = bob.post(
            "/inbox/mark/", {"act": "read-all", "seen": str(Cursor.at(events[count - 1]))}, follow=True
        )
        assert words in response.content.decode()

    def test_all_of_nothing_offers_no_undo(self, acme, bob, events):
        page = mark_all(bob, f"{acme.pk}.0.00000000", follow=True).content.decode()
        assert "Nothing was changed" in page
        assert "undo-all" not in page

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

    @pytest.mark.parametrize("accept", ["application/json", "application/json, text/plain, */*"])
    def test_a_program_leaves_no_word_for_the_next_page(self, acme, bob, events, accept):
        sent = {"headers": {"Accept": accept}}
        form = {"act": "read-all", "seen": seen_by(acme.bob)}
        first, again = (bob.post("/inbox/mark/", form, **sent) for _ in range(2))
        assert (first["X-Inbox-Changed"], again["X-Inbox-Changed"]) == ("5", "0")
        undo = {"act": "undo-all", "mark": first["X-Inbox-Mark"]}
        for form in (undo, undo, {"act": "done", "event_ids": events[0].pk}):
            assert bob.post("/inbox/mark/", form, **sent).status_code == 204
        assert bob.post("/inbox/mark/", {"act": "keep"}, **sent).status_code == 200
        page = bob.get("/inbox/")
        assert (list(page.context["messages"]), page.context["frame"].offer) == ([], None)

    def test_an_act_is_undone_by_its_number_or_by_its_moment(self, acme, bob, events):
        for _ in range(2):
            answer = bob.post("/inbox/mark/", {"act": "read-all", "seen": seen_by(acme.bob)}, headers=JSON)
            moment = moment_of(int(answer["X-Inbox-Mark"])).isoformat()
            assert unread(acme.bob) == set()
            bob.post("/inbox/mark/", {"act": "undo-all", "read_at": moment}, headers=JSON)
            assert len(unread(acme.bob)) == 5

    @pytest.mark.parametrize(
        "address",
        [
            "/inbox/mark/",
            "/inbox/mute/",
            "/inbox/watch/",
            "/inbox/catch-up/",
            "/preferences/choose/",
            "/preferences/schedule/",
            "/push/subscribe/",
        ],
    )
    def test_a_body_that_is_no_form_is_refused_and_says_where_it_goes(self, bob, address):
        refused = bob.post(address, {"act": "read"}, content_type="application/json", headers=JSON)
        assert refused.status_code == 415
        assert refused["Accept"] == "application/x-www-form-urlencoded, multipart/form-data"
        message = refused.json()["error"]["message"]
        assert message.startswith("Send a form here")
        assert ("POST /api/v1/notifications/marks" in message) == (
            address in ("/inbox/mark/", "/inbox/catch-up/")
        )

    @pytest.mark.parametrize("up_to", ["-1", "1.5", "", "x"])
    def test_a_place_that_is_no_event_is_called_so(self, bob, events, up_to):
        refused = bob.post("/inbox/mark/", {"act": "read-all", "up_to": up_to}, headers=JSON)
        assert "up_to is an event's id, a whole number" in refused.json()["error"]["message"]

    def test_needs_a_post(self, bob):
        assert bob.get("/inbox/mark/")["Location"] == "/inbox/"

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

    def test_opening_what_is_put_aside_leaves_it_there(self, acme, bob, events):
        self.post(bob, "save", event_ids=events[0].pk)
        bob.get(f"/inbox/{events[0].pk}/", follow=True)
        assert self.states(acme.bob)[0] == "saved"


def newest_first(events):
    return [event.pk for event in reversed(events)]


def listed_in(client, show):
    return told_at(client, {"show": show})


def told_at(client, words):
    """Which notifications lie underneath the threads of the list."""
    groups = client.get("/inbox/", words).context["groups"]
    streams = [row.stream_id for group in groups for row in group["rows"]]
    opened = [client.get("/inbox/", words | {"open": stream}).context["groups"] for stream in streams]
    return [
        part.event_id for groups in opened for group in groups for row in group["rows"] for part in row.parts
    ]


class TestThreads:
    """Acts on what a list showed of threads."""

    @pytest.fixture
    def task(self, acme):
        return new_task(acme, actor=acme.alice)

    @pytest.fixture
    def told(self, acme, task):
        first = log.load_stream(acme.pk, task.pk)[0]
        return [first.pk, *(comment(task, text, actor=acme.alice).pk for text in ("Hm", "@bob", "Yes"))]

    def post(self, client, act, **fields):
        return client.post("/inbox/mark/", {"act": act} | fields)

    def states(self, user):
        rows = Notification.objects.filter(recipient=user).order_by("event_id")
        return [State(state).word for state in rows.values_list("state", flat=True)]

    def test_what_has_come_since_is_left_alone(self, acme, bob, task, told):
        later = comment(task, actor=acme.alice).pk
        other = comment(new_task(acme, actor=acme.alice), actor=acme.alice).pk
        self.post(bob, "done-threads", threads=f"{task.pk}:{told[-1]}")
        assert unread(acme.bob) == {later, other - 1, other}
        assert self.states(acme.bob)[:4] == ["done"] * 4

    def test_what_the_list_did_not_show_is_left_alone(self, acme, bob, task, told):
        self.post(bob, "done-threads", threads=f"{task.pk}:{told[-1]}", q="reason:mentioned")
        assert self.states(acme.bob) == ["unread", "unread", "done", "unread"]
        self.post(bob, "save-threads", threads=f"{task.pk}:{told[-1]}", q="is:done")
        assert self.states(acme.bob) == ["unread", "unread", "saved", "unread"]

    def test_what_has_changed_its_state_since_is_left_alone(self, acme, bob, task, told):
        bob.post("/inbox/mark/", {"act": "done", "event_ids": told[0]})
        shown_then = org_inboxes(acme.bob.pk)[0].revision
        bob.post("/inbox/mark/", {"act": "undone", "event_ids": told[0]})
        self.post(bob, "save-threads", threads=f"{task.pk}:{told[-1]}", revision=shown_then)
        assert self.states(acme.bob) == ["read", "saved", "saved", "saved"]

    def test_says_what_was_done_to_which(self, acme, bob, task, told):
        page = self.post(bob, "done-threads", threads=f"{task.pk}:{told[-1]}", next="/inbox/?q=is:unread")
        assert page["Location"] == "/inbox/?q=is:unread"
        assert "4 updates on ACME-1 are done." in bob.get("/inbox/").content.decode()
        other = new_task(acme, actor=acme.alice)
        first = log.load_stream(acme.pk, other.pk)[0].pk
        named = [f"{task.pk}:{told[-1]}", f"{other.pk}:{first}"]
        self.post(bob, "save-threads", threads=named, q="is:all")
        assert "5 updates on 2 tasks are saved." in bob.get("/inbox/").content.decode()

    def test_all_that_match_are_taken_where_that_is_asked(self, acme, bob, task, told):
        comment(new_task(acme, actor=acme.alice), actor=acme.alice)
        page = bob.get("/inbox/?q=-reason:mentioned")
        assert page.context["matching"] == "5"
        fields = {"seen": seen_by(acme.bob), "q": page.context["understood"], "everything": "1"}
        new_task(acme, actor=acme.alice)
        self.post(bob, "done-threads", threads=f"{task.pk}:{told[-1]}", **fields)
        assert self.states(acme.bob) == ["done", "done", "unread", "done", "done", "done", "unread"]

    @pytest.mark.parametrize(
        "words",
        ["from:alice", "task:ACME-1", "door", "org:acme", "-from:carol", "is:unread -window reason:org"],
    )
    def test_mark_these_read_reads_what_the_list_shows_and_no_more(
        self, acme, globex, bob, words, task, told
    ):
        globex.join("bob")
        comment(new_task(globex, actor=globex.gina, title="The door"), "door", actor=globex.gina)
        comment(new_task(acme, actor=acme.alice, title="The door"), actor=acme.carol)
        showed = set(listed_with(bob, words)) & unread(acme.bob)
        page = bob.get("/inbox/", {"q": words})
        assert page.context["to_read"] == len(showed) > 0
        before = unread(acme.bob)
        bob.post("/inbox/mark/", forms_of(page, "main")["read-all"])
        assert before - unread(acme.bob) == showed

    def test_a_program_is_offered_no_undo(self, acme, bob, task, told):
        answer = bob.post(
            "/inbox/mark/",
            {"act": "done-threads", "threads": f"{task.pk}:{told[2]}", "q": "-reason:mentioned"},
            headers={"Accept": "application/json"},
        )
        assert (answer.status_code, answer["X-Inbox-Changed"]) == (204, "2")
        assert "undo-all" not in bob.get("/inbox/").content.decode()

    def test_of_an_organization_just_left_none_and_it_is_said(self, acme, globex, bob, task, told):
        globex.join("bob")
        globex.membership(acme.bob).delete()
        answer = self.post(bob, "done-threads", threads=f"{task.pk}:{told[-1]}", q="org:globex")
        assert answer.status_code == 409
        assert "Reload it" in answer.content.decode()
        acme.membership(acme.bob).delete()
        page = bob.post(
            "/inbox/mark/", {"act": "done-threads", "threads": f"{task.pk}:{told[-1]}"}, follow=True
        )
        assert "Nothing was changed" in page.content.decode()
        assert len(unread(acme.bob)) == 4

    def test_of_somebody_elses_none(self, acme, bob, task, told):
        self.post(bob, "done-threads", threads=f"{task.pk}:{told[-1]}")
        assert self.states(acme.carol) == ["unread"] * 4

    def test_a_snooze_ends_when_it_says(self, acme, bob, task, told):
        bob.cookies["timezone"] = "Asia/Tokyo"
        page = self.post(bob, "snooze-threads", threads=f"{task.pk}:{told[-1]}", until="tomorrow")
        tomorrow = timezone.now().astimezone(ZoneInfo("Asia/Tokyo")) + dt.timedelta(days=1)
        until = tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)
        assert set(
            Notification.objects.filter(recipient=acme.bob).values_list("snoozed_until", flat=True)
        ) == {until}
        page = bob.get("/inbox/").content.decode()
        assert f"4 updates on ACME-1 are snoozed until {until:%a} {until.day} {until:%b}, 09:00." in page

    @pytest.mark.parametrize(
        ("own", "words"),
        [
            ("2020-01-01T09:00", "a time to come"),
            ("9999-12-31T23:59", "at most a year from now"),
            ("10000-01-01T09:00", "pick a day and a time"),
            ("2027-02-30T09:00", "pick a day and a time"),
            ("0001-01-01T00:00", "Say until when"),
            ("", "pick a day and a time"),
        ],
    )
    def test_a_snooze_until_a_time_that_cannot_be_is_refused(self, acme, bob, task, told, own, words):
        answer = self.post(bob, "snooze-threads", threads=f"{task.pk}:{told[-1]}", until="own", own=own)
        assert answer.status_code == 400
        assert words in answer.content.decode()
        assert self.states(acme.bob) == ["unread"] * 4

    def test_a_selection_of_50_000_is_refused_at_once(self, bob, task):
        answer = self.post(bob, "done-threads", threads=[f"{task.pk}:1"] * 501)
        assert answer.status_code == 400
        assert "take all that match" in answer.content.decode()
        answer = self.post(bob, "done-threads", threads=[f"{task.pk}:1"] * 50_000)
        assert answer.status_code == 400
        assert TRACEBACK not in answer.content.decode()

    @pytest.mark.parametrize(
        "title",
        ["x" * 200, "\u05e9\u05dc\u05d5\u05dd \u202e ACME", "\U0001f9d1\u200d\U0001f4bb" * 20, "<b>&"],
    )
    def test_any_title_is_shown_as_it_is(self, acme, bob, title):
        task = new_task(acme, actor=acme.alice, title=title)
        page = bob.get("/inbox/").content.decode()
        assert f'dir="auto" data-slot="title">{html.escape(task.title)}<' in re.sub(r"\s+", " ", page)


def listed_with(client, words):
    return told_at(client, {"q": words})


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
    "a snooze until text": {"act": "snooze", "event_ids": "1", "until": "later"},
    "a snooze until no day": {"act": "snooze", "event_ids": "1", "until": "2027-02-30T09:00:00Z"},
    "a snooze without a zone": {"act": "snooze", "event_ids": "1", "until": "2027-02-03T09:00:00"},
    "a snooze in the past": {"act": "snooze", "event_ids": "1", "until": "2020-01-01T09:00:00Z"},
    "a snooze for ages": {"act": "snooze", "event_ids": "1", "until": "9999-12-31T23:59:59Z"},
    "a snooze beyond time": {"act": "snooze", "event_ids": "1", "until": "9999-12-31T23:59:59-14:00"},
    "a snooze of all without a moment": {"act": "snooze-all", "seen": "1.0.00000000"},
    "threads without any": {"act": "done-threads"},
    "a thread without its event": {"act": "done-threads", "threads": "7c9e6679-7425-40de-944b-e07fc1f90ae7"},
    "a thread that is none": {"act": "done-threads", "threads": "acme:7"},
    "threads NUL": {"act": "done-threads", "threads": "\x00:7"},
    "an act on other things": {"act": "done-tasks"},
    "a snooze that begins": {
        "act": "snooze",
        "event_ids": "1",
        "until": "own",
        "own": "9999-12-31T23:59+00:00",
    },
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
    assert re.search(r"Say (what|how|which|until)|(Send|Select) between 1 and 500", text)
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
