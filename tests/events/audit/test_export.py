"""What leaves the audit as a file: every event that the list's filters find, whole, harmless, and on record."""

import csv
import io
import json
import re

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.models import LogEntry
from django.test import AsyncClient

from base.correlation import request_context
from events.audit import export
from events.audit.export import COLUMNS, harmless
from events.models import EventText, TaskEvent
from events.sentences import sentence
from tasks.commands import RenameTask
from tests.events.audited import LIST, events_of, staff, stored
from tests.tasks.acme import assign, carry_out, comment, describe, move, new_task, signed_in
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db

EXPORT = f"{LIST}export/"


@pytest.fixture
def task(acme):
    task = new_task(acme, actor=acme.alice, description="It squeaks.")
    move(task, "in_progress", actor=acme.bob)
    describe(task, "It is loud.", actor=acme.alice)
    comment(task, "Done\nsoon, @bob.", actor=acme.alice)
    assign(task, acme.carol, actor=acme.bob)
    return task


def taken(client, form, query=""):
    answer = client.post(EXPORT + query, {"format": form})
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content).decode()


def csv_rows(client, query=""):
    answer, body = taken(client, "csv", query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert body.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(body.removeprefix("\ufeff"), newline="")))


def json_rows(client, query=""):
    answer, body = taken(client, "jsonl", query)
    assert answer["Content-Type"] == "application/jsonl; charset=utf-8"
    return [json.loads(line) for line in body.splitlines()]


def named(client, query=""):
    return re.search(
        r'filename="(.*)"', client.post(EXPORT + query, {"format": "csv"})["Content-Disposition"]
    )[1]


class TestARow:
    def test_says_everything_of_its_event(self, acme, auditor, task):
        with request_context("f" * 32):
            event = move(task, "done", actor=acme.bob)
        row = json_rows(auditor)[-1]
        assert tuple(row) == COLUMNS
        assert row == {
            "organization": "acme",
            "position": 6,
            "task": "ACME-1",
            "version": 6,
            "time": event.created_at.isoformat(timespec="microseconds"),
            "actor": "Bob (bob)",
            "actor_id": acme.bob.pk,
            "action": "status_changed",
            "sentence": sentence(event, {}),
            "title": "Fix the door",
            "changes": [{"field": "Status", "before": "In progress", "after": "Done"}],
            "details": {"from": "in_progress", "to": "done"},
            "schema_version": 1,
            "stream_id": str(task.pk),
            "request_id": "f" * 32,
            "digest": event.digest,
            "about": "task",
            "parts": 1,
            "via": "",
        }

    def test_is_the_same_in_csv(self, auditor, task):
        rows = csv_rows(auditor)
        assert tuple(rows[0]) == COLUMNS
        assert [row["changes"] for row in rows] == [
            "Title: nothing → Fix the door\nDescription: nothing → It squeaks.",
            "Status: Open → In progress",
            "Description: It squeaks. → It is loud.",
            "Comment: nothing → Done\nsoon, @bob.\nMentions: nothing → Bob (bob)",
            "Assignee: nothing → Carol (carol)",
        ]
        for flat, row in zip(rows, json_rows(auditor), strict=True):
            assert json.loads(flat.pop("details")) == row["details"]
            assert all(flat[name] == str(row[name]) for name in flat if name != "changes")

    def test_has_no_text_that_was_erased(self, auditor, task):
        with without_triggers():
            EventText.objects.all().delete()
        assert "(erased)" in csv_rows(auditor)[0]["changes"]
        assert "squeaks" not in taken(auditor, "jsonl")[1]

    def test_of_a_newer_release_is_given_as_it_is_stored(self, auditor, task):
        stored(task, "praised", {"stars": 5, "note": "Très bien"}, schema_version=7)
        row = json_rows(auditor)[-1]
        assert (row["changes"], row["details"]) == ([], {"stars": 5, "note": "Très bien"})
        assert row["sentence"].endswith("that this version cannot show")

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
    def test_is_no_formula_to_a_spreadsheet(self, acme, auditor, start):
        assert harmless(f"{start}1+1") == f"'{start}1+1"
        assert harmless(-1) == -1
        if start.strip():
            new_task(acme, actor=acme.alice, title=f'{start}HYPERLINK("http://x")')
            (row,) = csv_rows(auditor)
            assert row["title"].startswith(f"'{start}")
            assert all(not cell.startswith(start) for cell in row.values())


class TestWhichEvents:
    def test_are_those_of_the_list_the_oldest_first(self, acme, globex, auditor, task):
        new_task(globex, actor=globex.gina)
        for query, found in {
            "": 6,
            f"?organization={globex.pk}": 1,
            f"?actor={acme.bob.pk}": 2,
            "?action=commented": 1,
            "?q=ACME-1": 5,
            "?q=nothing+like+it": 0,
            f"?stream_id={task.pk}": 5,
            "?since=2026-01-01&until=2026-01-02": 0,
            "?organization=x": 0,
        }.items():
            rows = json_rows(auditor, query)
            assert len(rows) == len(csv_rows(auditor, query)) == found
            places = [(row["organization"], row["position"]) for row in rows]
            assert places == sorted(places)

    def test_are_all_of_them_however_many_chunks_they_take(self, acme, globex, auditor, monkeypatch):
        monkeypatch.setattr(export, "CHUNK", 2)
        for number in range(3):
            for team, actor in ((acme, acme.alice), (globex, globex.gina)):
                describe(new_task(team, actor=actor), f"{number}", actor=actor)
        rows = json_rows(auditor)
        digests = TaskEvent.objects.order_by("pk").values_list("digest", flat=True)
        assert [row["digest"] for row in rows] == list(digests)
        assert len(csv_rows(auditor, f"?organization={acme.pk}")) == 6

    def test_end_where_the_log_ended_when_it_was_asked_for(self, acme, auditor, task):
        answer = auditor.post(EXPORT, {"format": "jsonl"})
        comment(task, "Later.", actor=acme.alice)
        assert len(b"".join(answer.streaming_content).splitlines()) == 5

    def test_take_as_many_queries_for_a_chunk_as_for_one(
        self, acme, auditor, task, django_assert_num_queries
    ):
        for number in range(10):
            describe(task, f"Edition {number}", actor=acme.alice)
            assign(task, acme.alice if number % 2 else acme.bob, actor=acme.carol)
        answer = auditor.post(EXPORT, {"format": "csv"})
        # Sizes, events, people, earlier descriptions and their texts; and that there are no more.
        with django_assert_num_queries(6):
            b"".join(answer.streaming_content)


class TestItsName:
    def test_says_what_is_in_it(self, acme, auditor, task):
        assert named(auditor) == "carillon-events-5.csv"
        query = f"?organization={acme.pk}&actor={acme.bob.pk}&action=status_changed&since=2026-01-01&q=door"
        assert named(auditor, query) == "carillon-events-acme-bob-bob-status-changed-2026-01-01-door-1.csv"

    def test_cannot_be_made_to_break_the_header(self, auditor, task):
        assert named(auditor, "?q=%22%0D%0Ax%3A+y") == "carillon-events-x-y-0.csv"


class TestTheRecord:
    def test_says_who_took_how_many_of_what_in_which_form(self, acme, auditor, task):
        auditor.post(EXPORT + f"?actor={acme.bob.pk}&since=2026-01-01", {"format": "jsonl"})
        record = LogEntry.objects.get()
        assert record.user.username == "audrey"
        assert str(record.object_repr) == "Export of 2 events as JSON Lines"
        assert (
            record.change_message
            == "Exported 2 events as JSON Lines. Filters: who: Bob (bob); from: 2026-01-01."
        )

    def test_is_made_before_anything_leaves(self, auditor, task):
        auditor.post(EXPORT, {"format": "csv"})  # nothing of the answer is read
        assert LogEntry.objects.get().change_message == "Exported 5 events as CSV. Filters: none."

    def test_can_be_read_and_not_changed(self, auditor, task):
        auditor.post(EXPORT, {"format": "csv"})
        reader = signed_in(staff("rita", "view_logentry"))
        page = reader.get("/admin/admin/logentry/")
        assert "Exported 5 events as CSV. Filters: none." in page.content.decode()
        assert reader.post(f"/admin/admin/logentry/{LogEntry.objects.get().pk}/delete/").status_code == 403
        assert auditor.get("/admin/admin/logentry/").status_code == 403


class TestWhoMay:
    def test_is_who_may_see_the_list(self, acme, task):
        client = signed_in(staff("stan", "view_loghead"))
        assert client.post(EXPORT, {"format": "csv"}).status_code == 403
        assert signed_in(acme.alice).post(EXPORT, {"format": "csv"})["Location"].startswith("/admin/login/")
        assert not LogEntry.objects.exists()

    def test_asks_for_it_by_a_form_only(self, auditor, task):
        assert auditor.get(f"{EXPORT}?format=csv")["Location"] == EXPORT.removesuffix("export/")
        strict = signed_in(staff("steve", "view_taskevent"), enforce_csrf_checks=True)
        assert strict.post(EXPORT, {"format": "csv"}).status_code == 403
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize(("query", "form"), [("", "xml"), ("", ""), ("?stream_id=x", "csv")])
    def test_gets_nothing_for_nonsense(self, auditor, task, query, form):
        assert auditor.post(EXPORT + query, {"format": form}).status_code == 404
        assert not LogEntry.objects.exists()


def test_under_asgi_it_is_sent_a_chunk_at_a_time(auditor, task, monkeypatch):
    """A synchronous body would be collected whole, in memory, before anything is sent; Django warns of it."""
    monkeypatch.setattr(export, "CHUNK", 2)
    client = AsyncClient()
    client.cookies = auditor.cookies

    async def parts():
        answer = await client.post(EXPORT, {"format": "jsonl"})
        assert answer.is_async
        return [part async for part in answer.streaming_content]

    sizes = [part.count(b"\n") for part in async_to_sync(parts)()]
    assert sizes == [2, 2, 1]
    assert len(events_of(task)) == 5


def test_a_title_of_its_time_stays(acme, auditor, task):
    carry_out(RenameTask(task_id=task.pk, title="Paint the door"), actor=acme.alice)
    titles = [row["title"] for row in json_rows(auditor)]
    assert (titles[0], titles[-1]) == ("Fix the door", "Paint the door")
