"""The audit's list stays quick: it counts no further than it must, and orders by what an index serves."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.correlation import request_context
from events.audit import listing
from events.models import TaskEvent
from tasks.commands import CreateTask
from tasks.services import execute
from tests.events.audited import LIST, events_of, ids, listed, page_of, stored, text
from tests.tasks.acme import comment, new_task

pytestmark = pytest.mark.django_db


class TestTheCount:
    def test_is_exact_while_it_is_small(self, auditor, task):
        for query, shown in {"": "3 events", "?action=commented": "1 event", "?q=zebra": "0 events"}.items():
            pager = auditor.get(LIST + query).content.decode().partition('class="paginator"')[2]
            assert pager.partition(">")[2].partition("</p>")[0].strip() == shown

    def test_ends_at_a_bound_and_says_so(self, auditor, task, monkeypatch):
        monkeypatch.setattr(listing, "COUNTED", 2)
        with CaptureQueriesContext(connection) as queries:
            said = text(auditor.get(LIST))
        assert "More than 2 events. To reach the others, choose a period." in said
        (counted,) = [query["sql"] for query in queries if "COUNT(*) FROM (" in query["sql"]]
        assert "LIMIT 3" in counted

    def test_bounds_the_pages_too(self, acme, auditor, monkeypatch):
        monkeypatch.setattr(listing, "COUNTED", 55)
        task = new_task(acme, actor=acme.alice)
        for number in range(60):
            comment(task, f"{number}", actor=acme.alice)
        assert len(listed(auditor, "?p=2")) == 5
        assert auditor.get(f"{LIST}?p=3").headers["Location"] == f"{LIST}?e=1"

    def test_of_a_search_is_the_same(self, auditor, task, monkeypatch):
        monkeypatch.setattr(listing, "COUNTED", 2)
        assert "More than 2 events" in text(auditor.get(f"{LIST}?q=door"))


class TestTheOrder:
    @pytest.fixture
    def crossed(self, acme, globex):
        """Globex's event was written after Acme's, and happened before it."""
        now = dt.datetime.now(dt.UTC)
        for team, actor, hours in ((acme, acme.alice, 1), (globex, globex.gina, 2)):
            command = CreateTask(organization_id=team.pk, title="Fix the door")
            execute(command, actor=actor, now=now - dt.timedelta(hours=hours))
        return list(TaskEvent.objects.order_by("pk"))

    def test_is_that_of_writing(self, auditor, crossed):
        assert listed(auditor) == ids(*reversed(crossed))
        assert listed(auditor, "?o=0") == ids(*crossed)

    def test_is_that_of_happening_within_a_period(self, auditor, crossed):
        since = (dt.datetime.now(dt.UTC) - dt.timedelta(days=2)).date()
        assert listed(auditor, f"?since={since}") == ids(*crossed)
        assert listed(auditor, f"?since={since}&o=0") == ids(*reversed(crossed))

    @pytest.mark.parametrize(
        ("query", "order"),
        [
            ("", '"id" DESC'),
            ("organization={}", '"position" DESC'),
            ("organization={}&o=0", '"position" ASC'),
            ("since=2026-01-01", '"created_at" DESC'),
            ("organization={}&since=2026-01-01", '"created_at" DESC'),
            ("action=commented", '"id" DESC'),
        ],
    )
    def test_is_one_that_an_index_serves(self, acme, auditor, task, query, order):
        with CaptureQueriesContext(connection) as queries:
            listed(auditor, "?" + query.format(acme.pk))
        assert any(f'ORDER BY "events_taskevent".{order}' in query["sql"] for query in queries)


class TestOneRequest:
    def test_lists_everything_that_it_caused(self, acme, auditor, task):
        with request_context("a" * 32):
            caused = [comment(task, "One", actor=acme.alice), comment(task, "Two", actor=acme.alice)]
        with request_context("b" * 32):
            comment(task, "Other", actor=acme.alice)
        address = f"{LIST}?request_id={'a' * 32}"
        assert f'href="{address}"' in auditor.get(page_of(caused[0])).content.decode()
        assert listed(auditor, f"?request_id={'a' * 32}") == ids(*reversed(caused))
        assert "Events of one request" in text(auditor.get(address))

    def test_of_no_request_there_is_no_link(self, auditor, task):
        event = events_of(task)[0]
        assert "Request none made by a command" in text(auditor.get(page_of(event)))
        assert "request_id=" not in auditor.get(page_of(event)).content.decode()


def test_actions_of_a_newer_release_are_found_without_reading_the_log(auditor, task):
    events = [stored(task, "praised", {}), stored(task, "aaa", {}), stored(task, "zzz", {})]
    with CaptureQueriesContext(connection) as queries:
        assert listed(auditor, "?action=other") == ids(*reversed(events))
    assert not any("NOT (" in query["sql"] and "action" in query["sql"] for query in queries)
    assert listed(auditor, "?action=commented") == ids(events_of(task)[2])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="another planner")
@pytest.mark.parametrize(
    ("conditions", "index"),
    [
        ("actor_id = 1 ORDER BY id DESC", "event_actor"),
        ("action = 'x' ORDER BY id DESC", "event_action"),
        ("created_at > '2026-01-01' ORDER BY created_at DESC, id DESC", "event_time"),
        ("organization_id = 1 ORDER BY position DESC, id DESC", "event_position_once"),
        ("stream_id = '00000000-0000-0000-0000-000000000000' ORDER BY version", "event_version_once"),
    ],
)
def test_each_list_has_its_index(conditions, index):
    """On an empty table the planner would read the table; forbidden that and to sort, it must have an index for the
    whole."""
    with connection.cursor() as cursor:
        # As if it had never been vacuumed, which a table says that is known to be empty: any key would serve that.
        cursor.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relname = 'events_taskevent'")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN SELECT * FROM events_taskevent WHERE {conditions} LIMIT 50")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"using {index} " in plan
