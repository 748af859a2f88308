"""Pages of the past: a task as it was, and an organization's whole log."""

import datetime as dt
import html
import re
import uuid
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import log, raw_facts
from events.models import EventText, TaskEvent
from search import matching
from search.follower import SearchFollower
from tasks import commands, log_listing, streams
from tasks.models import Task
from tests.followers.taking import take_all
from tests.tasks.acme import assign, carry_out, comment, describe, move, new_task, signed_in
from tests.tasks.invariants import counts
from tests.triggers import without_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.first]

TASK = "/orgs/acme/tasks/1/"
HISTORY = "/orgs/acme/history/"
START = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)


def at(minute):
    return START + dt.timedelta(minutes=minute)


def made(team, actor, now, **fields):
    command = commands.CreateTask(organization_id=team.pk, task_id=uuid.uuid4(), **fields)
    carry_out(command, actor=actor, now=now)
    return Task.objects.get(pk=command.task_id)


def happen(team, task, version, action, *, actor):
    """An event of a newer release."""
    fact = SimpleNamespace(action=action, schema_version=1, text_field=None, details=lambda: {"stars": 5})
    with transaction.atomic():
        head = log.lock_head(team.pk)
        entries = [log.Entry(fact, task.title)]
        log.append(head, task.pk, task.number, version - 1, entries, actor=actor, now=at(version))


@pytest.fixture
def task(acme):
    """Five versions, one a minute from 10:00 on 20 November."""
    task = made(acme, acme.alice, at(0), title="Fix the door", description="It squeaks.")
    happened = [
        (commands.AssignTask(task_id=task.pk, assignee_id=acme.carol.pk), acme.alice),
        (commands.CommentOnTask(task_id=task.pk, text="Looks <b>rusty</b>"), acme.bob),
        (commands.ChangeStatus(task_id=task.pk, status="in_progress"), acme.carol),
        (commands.RenameTask(task_id=task.pk, title="Mend the door"), acme.carol),
    ]
    for minute, (command, actor) in enumerate(happened, start=1):
        carry_out(command, actor=actor, now=at(minute))
    return task


def text(response):
    return html.unescape(response.content.decode())


def plain(response):
    """The words of the page; what the slider will say is no part of it."""
    main = re.sub(r"<script.*?</script>", "", text(response).partition("<main")[2], flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


class TestATaskAsItWas:
    def test_shows_the_state_and_the_history_of_then_only(self, bob, task):
        page = bob.get(TASK, {"version": "3"})
        assert page.status_code == 200
        assert (page.context["state"].title, page.context["status_label"]) == ("Fix the door", "Open")
        assert page.context["assignee"] == "Carol"
        assert [item["sentence"] for item in page.context["history"]] == [
            "Alice created it",
            "Alice assigned it to Carol",
            "Bob commented on it",
        ]
        words = plain(page)
        assert "version 3 of 5" in words
        assert "Looks <b>rusty</b>" in text(page)
        assert "<b>rusty" not in page.content.decode()
        assert "Mend the door" not in words
        assert "In progress" not in words

    def test_says_what_changed_then(self, bob, task):
        changes = bob.get(TASK, {"version": "5"}).context["changes"]
        assert [(change.label, change.before.text, change.after.text) for change in changes] == [
            ("Title", "Fix the door", "Mend the door")
        ]
        page = plain(bob.get(TASK, {"version": "4"}))
        assert "Status Open In progress" in page
        assert "Carol moved it from Open to In progress" in page

    def test_marks_what_changed_where_it_stands(self, bob, task):
        assert bob.get(TASK, {"version": "4"}).context["changed"] == ["status"]
        assert bob.get(TASK, {"version": "1"}).context["changed"] == []

    def test_comments_of_later_are_not_there(self, bob, task):
        assert "rusty" not in plain(bob.get(TASK, {"version": "2"}))

    @pytest.mark.parametrize("version", range(1, 6))
    def test_nothing_on_it_can_be_changed(self, bob, task, version):
        page = text(bob.get(TASK, {"version": version})).partition("<main")[2].partition("</main>")[0]
        assert 'method="post"' not in page
        assert "csrf" not in page
        assert 'id="timeline"' not in page  # what the live modules change
        assert "data-field" not in page.replace('data-field="description"', "")

    def test_leads_to_its_neighbours_and_to_now(self, bob, task):
        def links(version):
            page = text(bob.get(TASK, {"version": version}))
            return re.findall(r'href="([^"]*)"', page.partition('"past-steps"')[2].partition("</nav>")[0])

        assert links(1) == [f"{TASK}?version=2", TASK]
        assert links(3) == [f"{TASK}?version=2", f"{TASK}?version=4", TASK]
        assert links(5) == [f"{TASK}?version=4", TASK]

    @pytest.mark.parametrize(
        ("asked", "version"),
        [
            ("2026-11-20T10:00", 1),
            ("2026-11-20T10:00:59", 1),
            ("2026-11-20 10:01", 2),
            ("2026-11-20T10:02:30Z", 3),
            ("2026-11-20T11:03+01:00", 4),
            ("2026-11-20T11:03 01:00", 4),  # a plus sign that was not escaped
            ("2026-11-20T05:03-05:00", 4),
            ("2026-11-20", 5),
            ("9999-12-31", 5),
        ],
    )
    def test_a_moment_is_utc_unless_it_says_otherwise(self, bob, task, asked, version):
        page = bob.get(TASK, {"at": asked})
        assert (page.status_code, page.context["state"].version) == (200, version)

    def test_says_which_moment_was_asked_for(self, bob, task):
        assert "You asked for 20 Nov 2026, 10:02 UTC." in plain(
            bob.get(TASK, {"at": "2026-11-20T11:02+01:00"})
        )
        assert "You asked for 20 Nov 2026, 23:59:59 UTC." in plain(bob.get(TASK, {"at": "2026-11-20"}))

    @pytest.mark.parametrize("asked", [{"at": "2026-11-20T09:59"}, {"at": "0001-01-01"}, {"version": "0"}])
    def test_before_the_first_event_it_did_not_exist(self, bob, task, asked):
        page = bob.get(TASK, asked)
        assert page.status_code == 200
        assert "ACME-1 did not exist yet Alice created it on 20 Nov 2026, 10:00:00 UTC." in plain(page)
        assert f'href="{TASK}?version=1"' in text(page)

    @pytest.mark.parametrize("asked", [{"version": "99"}, {"version": "9" * 30}])
    def test_beyond_the_last_event_it_is_the_newest_state(self, bob, task, asked):
        page = bob.get(TASK, asked)
        assert (page.status_code, page.context["state"].version) == (200, 5)
        assert f"There is no version {asked['version']} yet. This is the newest state." in plain(page)

    def test_the_last_version_says_that_it_is_the_newest(self, bob, task):
        assert "This is the newest state." in plain(bob.get(TASK, {"at": "2030-01-01"}))
        assert "This is the newest state." not in plain(bob.get(TASK, {"version": "4"}))

    @pytest.mark.parametrize(
        "query",
        [
            "version=x", "version=-3", "version=1.5", "version=%00", "version=" + "9" * 5000,
            "at=soon", "at=2026-02-30", "at=2026-11-20T25:00", "at=%00", "at=0001-01-01T00:00%2B14:00",
            "at=9999-12-31T23:59-14:00", "at=" + "x" * 5000, "version=3&at=2026-11-20",
        ],
    )  # fmt: skip
    def test_nonsense_is_told_how_to_ask(self, bob, task, query):
        page = bob.get(f"{TASK}?{query}")
        assert page.status_code == 400
        assert "Write a whole number from 1 to 5, as ?version=5" in plain(page)
        assert "?at=2026-11-20T10:00" in plain(page)

    def test_an_empty_wish_shows_the_present(self, bob, task):
        assert 'id="timeline"' in text(bob.get(f"{TASK}?version=&at="))

    def test_erased_words_say_so(self, acme, bob, task):
        describe(task, "New words", actor=acme.carol)
        with without_triggers():
            EventText.objects.all().delete()
        page = bob.get(TASK, {"version": "3"})
        assert plain(page).count("This text was erased.") == 3  # the description, the comment twice
        assert "squeaks" not in text(page)
        (change,) = bob.get(TASK, {"version": "6"}).context["changes"]
        assert (change.before.text, change.after.text) == ("This text was erased.", "This text was erased.")
        now = bob.get(TASK)
        assert "New words" not in text(now)
        assert plain(now).count("This text was erased.") == 2

    def test_an_event_of_a_newer_release_breaks_nothing(self, acme, bob, task):
        happen(acme, task, 6, "praised", actor=acme.alice)
        page = bob.get(TASK, {"version": "6"})
        assert page.status_code == 200
        assert "No field of the task: Alice did something to it that this version cannot show." in plain(page)
        assert "praised" not in plain(bob.get(HISTORY))
        assert "Alice did something to ACME-1 that this version cannot show" in plain(bob.get(HISTORY))

    def test_a_beginning_of_a_newer_release_is_told(self, acme, bob, task, monkeypatch):
        monkeypatch.setattr("tasks.facts.TaskCreated.schema_version", 1)
        monkeypatch.delitem(raw_facts._READERS, ("created", 2))
        assert "Its past cannot be shown" in plain(bob.get(TASK, {"version": "3"}))

    def test_of_a_foreign_task_nothing_is_told(self, globex, acme, task):
        gina = signed_in(globex.gina)
        for query in ("version=1", "version=x", "at=2026-11-20"):
            assert gina.get(f"{TASK}?{query}").status_code == 404
            assert gina.get(f"/orgs/globex/tasks/1/?{query}").status_code == 404

    def test_long_histories_cost_no_more_queries(self, acme, bob, task):
        def cost(version):
            with CaptureQueriesContext(connection) as queries:
                assert bob.get(TASK, {"version": version}).status_code == 200
            return len(queries)

        comment(task, "@carol", actor=acme.alice)  # names are looked up once
        few = cost(6)
        for number in range(8):
            comment(task, "@carol", actor=(acme.alice, acme.bob)[number % 2])
        assert cost(14) == few

    def test_of_a_long_history_the_newest_entries_are_shown(self, bob, task, monkeypatch):
        monkeypatch.setattr(streams, "SHOWN", 2)
        page = bob.get(TASK, {"version": "4"})
        assert self.versions(page) == [3, 4]
        assert "Show earlier entries (2)" in plain(page)
        assert 'max="5"' in text(page)
        assert self.versions(bob.get(TASK)) == [4, 5]

    @pytest.mark.parametrize(("asked", "last"), [({}, 5), ({"version": "4"}, 4)])
    @pytest.mark.parametrize("most", range(1, 6))
    def test_earlier_entries_are_pages_that_join_without_a_gap(
        self, bob, task, monkeypatch, asked, last, most
    ):
        monkeypatch.setattr(streams, "SHOWN", most)
        page, seen = bob.get(TASK, asked), []
        while True:
            seen[:0] = self.versions(page)
            assert ("Show the newest entries" in plain(page)) == (seen[-1] != self.versions(page)[-1])
            found = re.search(r'href="(\?[^"]*before=[^"]*)#timeline-end"', text(page))
            if not found:
                break
            page = bob.get(f"{TASK}{found[1]}")
        assert seen == list(range(1, last + 1))

    def test_a_page_holds_no_more_than_so_many_bytes(self, acme, bob, task, monkeypatch):
        """At least one entry; what is larger than a page is shown all the same."""
        monkeypatch.setattr(streams, "WRITTEN", 2_000)
        comment(task, "ö" * 2_000, actor=acme.bob)
        comment(task, "short", actor=acme.bob)
        comment(task, "💥" * 400, actor=acme.bob)
        pages = [bob.get(TASK, {"before": before}) for before in ("", "7", "6")]
        assert [self.versions(page) for page in pages] == [[7, 8], [6], [1, 2, 3, 4, 5]]
        assert "ö" * 2_000 in text(pages[1])
        assert "öö" not in text(pages[0])

    @pytest.mark.parametrize(
        "query",
        ["history=all", "before=", "before=0", "before=1", "before=x", "before=-3", "before=" + "9" * 500],
    )
    def test_a_place_that_is_none_shows_the_newest(self, bob, task, query):
        assert self.versions(bob.get(f"{TASK}?{query}")) == [1, 2, 3, 4, 5]
        assert self.versions(bob.get(f"{TASK}?version=3&{query}")) == [1, 2, 3]

    def versions(self, page):
        assert page.status_code == 200
        return [item["event"].version for item in page.context["history"]]

    def test_of_a_very_long_history_the_slider_says_less(self, bob, task, monkeypatch):
        assert len(bob.get(TASK, {"version": "5"}).context["versions"]["said"]) == 5
        for name, value in (("SAID", 4), ("WORDS", 100)):
            with monkeypatch.context() as patch:
                patch.setattr(streams, name, value)
                versions = bob.get(TASK, {"version": "3"}).context["versions"]
                assert (versions["said"], versions["count"]) == ([], 5)
            assert versions["sentence"] == "Bob commented on it"

    def test_looking_changes_nothing(self, bob, task):
        before = counts()
        bob.get(TASK, {"version": "3"})
        bob.get(HISTORY)
        assert counts() == before

    def test_each_entry_of_the_present_leads_to_its_past(self, bob, task):
        page = text(bob.get(TASK))
        assert re.findall(r'class="timeline-when"\s+href="([^"]*)"', page) == [
            f"{TASK}?version={version}" for version in range(1, 6)
        ]


class TestTheHistory:
    def sentences(self, response):
        assert response.status_code == 200, plain(response)
        return [item["sentence"] for item in response.context["entries"]]

    def test_tells_everything_newest_first(self, acme, bob, task):
        new_task(acme, actor=acme.bob, title="Paint it")
        page = bob.get(HISTORY)
        assert self.sentences(page) == [
            "Bob created ACME-2",
            "Carol renamed ACME-1 from “Fix the door” to “Mend the door”",
            "Carol moved ACME-1 from Open to In progress",
            "Bob commented on ACME-1",
            "Alice assigned ACME-1 to Carol",
            "Alice created ACME-1",
        ]
        assert f'href="{TASK}?version=3"' in text(page)
        assert "<b>rusty" not in page.content.decode()
        assert "Looks <b>rusty</b>" in text(page)

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"actor": "carol"}, 2),
            ({"actor": "CAROL"}, 2),
            ({"actor": "vera"}, 0),
            ({"task": "ACME-1"}, 5),
            ({"task": "acme-1"}, 5),
            ({"task": "#2"}, 1),
            ({"task": "2"}, 1),
            ({"action": "created"}, 2),
            ({"action": "commented", "actor": "bob"}, 1),
            ({"action": "commented", "actor": "alice"}, 0),
            ({"since": "2026-11-20", "until": "2026-11-20"}, 5),
            ({"until": "2026-11-19"}, 0),
            ({"until": "9999-12-31"}, 6),
            ({"since": "0001-01-01"}, 6),
            ({"since": "2026-11-21", "task": "1"}, 0),
            ({"actor": "", "task": "", "action": "", "since": "", "until": ""}, 6),
        ],
        ids=str,
    )
    def test_is_narrowed_by_filters(self, acme, bob, task, query, count):
        made(acme, acme.bob, at(60 * 24 * 2), title="Paint it")
        assert len(self.sentences(bob.get(HISTORY, query))) == count

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("actor=zed", "Nobody called “zed”"),
            ("actor=gina", "Nobody called “gina”"),
            ("actor=%00", "Null characters"),
            ("task=ACME-99", "There is no task “ACME-99” in Acme. Write its key, such as ACME-12."),
            ("task=GLOBEX-1", "There is no task “GLOBEX-1”"),
            ("task=x", "There is no task “x”"),
            ("task=" + "9" * 50, "There is no task"),
            ("action=praised", "“praised” is not something that can happen to a task."),
            ("since=soon", "“soon” is not a date. Write it as 2026-11-30."),
            ("until=2026-02-30", "“2026-02-30” is not a date."),
            ("since=2026-11-21&until=2026-11-20", "The period ends before it begins."),
            ("before=x", "There is no such place in the log."),
            ("before=-1", "There is no such place in the log."),
            ("after=" + "9" * 40, "There is no such place in the log."),
        ],
        ids=str,
    )
    def test_bad_filters_are_told_in_a_sentence(self, globex, bob, task, query, words):
        new_task(globex, actor=globex.gina)
        page = bob.get(f"{HISTORY}?{query}")
        assert page.status_code == 400
        assert words in plain(page)
        assert page.context["entries"] == []

    def test_pages_are_positions(self, acme, bob, task, monkeypatch):
        monkeypatch.setattr(log_listing, "PAGE", 2)
        first = bob.get(HISTORY)
        assert (first.context["older"], first.context["newer"]) == ("before=4", "")
        second = bob.get(f"{HISTORY}?{first.context['older']}")
        assert [item["event"].position for item in second.context["entries"]] == [3, 2]
        assert (second.context["older"], second.context["newer"]) == ("before=2", "after=3")
        last = bob.get(f"{HISTORY}?{second.context['older']}")
        assert [item["event"].position for item in last.context["entries"]] == [1]
        assert (last.context["older"], last.context["newer"]) == ("", "after=1")
        back = bob.get(f"{HISTORY}?{last.context['newer']}")
        assert [item["event"].position for item in back.context["entries"]] == [3, 2]
        newest = bob.get(f"{HISTORY}?{back.context['newer']}")
        assert [item["event"].position for item in newest.context["entries"]] == [5, 4]
        assert newest.context["newer"] == ""
        # An event that comes meanwhile moves no page.
        comment(task, actor=acme.bob)
        again = bob.get(f"{HISTORY}?{first.context['older']}")
        assert [item["event"].position for item in again.context["entries"]] == [3, 2]

    @pytest.mark.parametrize("query", ["actor=alice", "action=commented", "task=1", "since=2026-11-20"])
    def test_all_pages_together_are_everything_once(self, acme, bob, task, query, monkeypatch):
        monkeypatch.setattr(log_listing, "PAGE", 3)
        for number in range(8):
            comment(task, actor=acme.alice)
            new_task(acme, actor=acme.bob, title=f"Number {number}")
        monkeypatch.setattr(log_listing, "PAGE", 100)
        everything = [item["event"].pk for item in bob.get(f"{HISTORY}?{query}").context["entries"]]
        monkeypatch.setattr(log_listing, "PAGE", 3)
        older, newer, place = [], [], query
        while place:
            page = bob.get(f"{HISTORY}?{place}").context
            older += [item["event"].pk for item in page["entries"]]
            place = page["older"]
        assert older == everything
        place = page["newer"]
        while place:
            page = bob.get(f"{HISTORY}?{place}").context
            newer = [item["event"].pk for item in page["entries"]] + newer
            place = page["newer"]
        assert newer[:3] == everything[:3]

    def test_filters_stay_while_paging(self, bob, task, monkeypatch):
        monkeypatch.setattr(log_listing, "PAGE", 1)
        assert (
            bob.get(f"{HISTORY}?actor=carol&task=ACME-1").context["older"]
            == "actor=carol&task=ACME-1&before=5"
        )

    @pytest.mark.parametrize(
        "place", ["before=1", "before=0", "after=5", "after=999999999999", "before=9223372036854775806"]
    )
    def test_places_beyond_the_ends_are_no_error(self, bob, task, place):
        assert bob.get(f"{HISTORY}?{place}").status_code == 200
        assert bob.get(f"{HISTORY}?{place}&actor=bob").status_code == 200

    def test_an_empty_log_says_what_will_stand_there(self, bob):
        assert "Nothing has happened yet" in plain(bob.get(HISTORY))

    def test_filters_that_find_nothing_can_be_cleared(self, bob, task):
        page = bob.get(f"{HISTORY}?actor=vera")
        assert "Nothing matches" in plain(page)
        assert f'href="{HISTORY}"' in text(page)

    @pytest.mark.parametrize("is_indexed", [False, True])
    def test_is_searched_for_what_was_written(self, acme, bob, task, is_indexed, monkeypatch):
        if is_indexed:
            take_all(SearchFollower())
        assert self.sentences(bob.get(HISTORY, {"text": "rusty"})) == ["Bob commented on ACME-1"]
        assert len(self.sentences(bob.get(HISTORY, {"text": "door"}))) == 3
        assert len(self.sentences(bob.get(HISTORY, {"text": "door", "actor": "carol"}))) == 1
        monkeypatch.setattr(log_listing, "PAGE", 1)
        older = bob.get(HISTORY, {"text": "door"}).context["older"]
        assert older == "text=door&before=5"
        page = bob.get(f"{HISTORY}?{older}")
        assert self.sentences(page) == ["Bob commented on ACME-1"]
        assert 'data-newest="0"' in text(page)
        assert page.context["newer"] == "text=door&after=3"
        assert "Nothing matches" in plain(bob.get(HISTORY, {"text": "💥"}))

    @pytest.mark.parametrize("asked", ["a" * 101, " ".join("abcdefghijklmnopqrstu")])
    def test_a_search_that_is_too_long_is_refused_with_words(self, bob, task, asked):
        page = bob.get(HISTORY, {"text": asked})
        assert page.status_code == 400
        assert "A search has at most" in plain(page)

    def test_says_what_the_search_has_not_seen(self, bob, task, monkeypatch):
        monkeypatch.setattr(matching, "LATE", 2)
        assert "has not seen the latest 3 changes" in plain(bob.get(HISTORY, {"text": "door"}))
        assert "has not seen the latest 3 changes" in plain(bob.get("/orgs/acme/tasks/", {"q": "door"}))
        take_all(SearchFollower())
        assert "has not seen" not in plain(bob.get(HISTORY, {"text": "door"}))

    def test_whoever_left_can_still_be_found(self, acme, bob, task):
        acme.membership(acme.carol).delete()
        page = bob.get(HISTORY)
        assert "carol" in [user.username for user in page.context["people"]]
        assert len(self.sentences(bob.get(HISTORY, {"actor": "carol"}))) == 2

    def test_erased_comments_say_so(self, bob, task):
        with without_triggers():
            EventText.objects.all().delete()
        page = bob.get(HISTORY)
        assert "This text was erased." in plain(page)
        assert "rusty" not in text(page)

    def test_strangers_learn_nothing(self, globex, acme, task):
        gina = signed_in(globex.gina)
        assert gina.get(HISTORY).status_code == 404
        assert gina.get(f"{HISTORY}?actor=nobody").status_code == 404
        assert self.sentences(gina.get("/orgs/globex/history/")) == []

    def test_follows_the_log_from_what_it_shows(self, acme, bob, task):
        last = TaskEvent.objects.order_by("pk").last()
        page = bob.get(HISTORY)
        assert page.context["boot"]["org"]["cursor"] == f"{acme.pk}.{last.position}.{last.digest[:8]}"
        assert 'data-newest="1"' in text(page)

    @pytest.mark.skipif("connection.vendor != 'sqlite'", reason="an empty PostgreSQL reads whole tables")
    @pytest.mark.parametrize(
        ("query", "index"),
        [
            ("", "(organization_id=? AND position>?"),
            ("before=4", "(organization_id=? AND position>?"),
            ("actor=carol", "event_actor (actor_id=? AND id>?"),
            ("actor=carol&before=4", "event_actor (actor_id=? AND id>?"),
            ("action=commented", "event_action (action=? AND id>?"),
            ("task=ACME-1", "(stream_id=?"),
        ],
    )
    def test_every_filter_has_its_index(self, bob, task, query, index):
        with CaptureQueriesContext(connection) as queries:
            bob.get(f"{HISTORY}?{query}")
        (page,) = (one["sql"] for one in queries if "LIMIT 51" in one["sql"])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {page}")
            plan = [row[3] for row in cursor.fetchall()]
        (way,) = (step for step in plan if "events_taskevent" in step)
        assert index in way, plan
        assert "TEMP B-TREE" not in " ".join(plan), plan

    def test_more_events_cost_no_more_queries(self, acme, bob, task):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                bob.get(HISTORY)
            return len(queries)

        few = cost()
        for user in (acme.bob, acme.carol):
            assign(task, user, actor=acme.alice)
        move(task, "done", actor=acme.alice)
        assert cost() == few

    def test_is_in_the_navigation(self, bob, task):
        page = text(bob.get(reverse("tasks:list", args=["acme"])))
        assert f'href="{HISTORY}"' in page
