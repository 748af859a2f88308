"""`manage.py audit_history` and `manage.py export_head`, as an administrator and a script use them."""

import io
import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from events.models import LogHead, TaskEvent
from events.saved_heads import SavedHead
from tests.audits import audit, audit_json
from tests.events.test_tampering import put, remove, sql
from tests.tasks.acme import comment, new_task
from tests.tasks.threads import meanwhile
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(acme, globex):
    task = new_task(acme, actor=acme.alice)
    comment(task, "Hm.", actor=acme.bob)
    new_task(globex, actor=globex.gina)
    return task


@pytest.fixture
def altered(task):
    with without_triggers():
        put(TaskEvent.objects.get(position=2), subject="x")


def export(*arguments):
    out = io.StringIO()
    call_command("export_head", *arguments, stdout=out)
    return out.getvalue()


class TestAudit:
    def test_nothing_is_wrong(self, task):
        assert audit().startswith("Audited 3 events in ")
        assert audit().endswith(" s: nothing is wrong.\n")

    def test_an_empty_database(self, db):
        assert "Audited 0 events" in audit()

    def test_a_finding_is_a_sentence_and_exit_code_1(self, altered):
        first, last = audit(code=1).splitlines()
        assert first == (
            "acme 2: task 1, version 2: the event does not match its digest: one of its fields, or the digest, "
            "was changed [event_altered]"
        )
        assert last.endswith("1 finding.")

    def test_json_lines(self, altered, acme):
        first, last = audit_json(code=1)
        message = first.pop("message")
        assert first == {"org": "acme", "org_id": acme.pk, "position": 2, "code": "event_altered"}
        assert message.startswith("task 1, version 2: ")
        assert last.pop("seconds") >= 0
        assert last == {"findings": 1, "events": 3, "heads": 0}

    def test_a_trigger_belongs_to_no_organization(self, task):
        with without_triggers():
            assert audit(code=1).startswith("everywhere: the database does not refuse to rewrite history")
            assert audit_json(code=1)[0]["org"] is None

    def test_one_organization_or_task(self, altered):
        assert "Audited 1 events" in audit("--org", "globex")
        assert "1 finding" in audit("--org", "acme", code=1)
        assert "1 finding" in audit("--task", "ACME-1", code=1)
        assert "1 finding" in audit("--task", "1", "--org", "acme", code=1)
        assert "nothing is wrong" in audit("--task", "globex-1")

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--org", "nope"], "There is no organization with the short name 'nope'."),
            (["--task", "ACME-99"], "The log of 'acme' has no task 99."),
            (["--task", "nope-1"], "There is no organization with the short name 'nope'."),
            (["--task", "ACME"], "'ACME' is no key. Write it as ACME-12, or as 12 with --org acme."),
            (["--task", "12"], "'12' is no key. Write it as ACME-12, or as 12 with --org acme."),
            (["--task", "ACME-1", "--org", "globex"], "ACME-1 is no task of 'globex'."),
            (["--since-head", "/no/such/file"], "/no/such/file cannot be read: No such file or directory."),
        ],
    )
    def test_what_cannot_be_meant_is_said(self, task, arguments, sentence):
        with pytest.raises(CommandError) as error:
            audit(*arguments)
        assert str(error.value) == sentence
        assert error.value.returncode == 2


class TestSavedHeads:
    @pytest.fixture
    def file(self, task, tmp_path):
        file = tmp_path / "heads"
        export(str(file))
        return file

    def test_a_head_says_where_a_log_stood(self, task, acme):
        first, second = map(SavedHead.parse, export().splitlines())
        head = LogHead.objects.get(pk=acme.pk)
        assert (first.org, first.org_id, first.position, first.digest) == ("acme", acme.pk, 2, head.digest)
        assert second.org == "globex"
        assert json.loads(export("--org", "globex").rpartition(":")[0])["position"] == 1

    def test_logs_that_go_on_pass_through_it(self, task, acme, file):
        comment(task, "More.", actor=acme.bob)
        assert "and 2 saved heads" in audit("--since-head", str(file))

    def test_a_file_collects_heads(self, task, acme, file):
        comment(task, "More.", actor=acme.bob)
        export(str(file))
        assert audit_json("--since-head", str(file))[-1]["heads"] == 4

    def test_heads_from_stdin(self, task, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(export()))
        assert audit_json("--since-head", "-")[-1]["heads"] == 2

    def test_a_cut_end_is_found(self, task, acme, file):
        first, second = TaskEvent.objects.filter(organization_id=acme.pk).order_by("position")
        with without_triggers():
            sql("DELETE FROM events_eventtext")
            sql("DELETE FROM inbox_notification WHERE event_id = %s", second.pk)
            remove(second)
            put(LogHead.objects.get(pk=acme.pk), position=1, digest=first.digest)
        sql("UPDATE tasks_task SET version = 1, commenters = '[]', updated_at = created_at")
        assert "nothing is wrong" in audit()
        (finding, _) = audit_json("--since-head", str(file), code=1)
        assert (finding["org"], finding["position"], finding["code"]) == ("acme", 2, "history_cut")
        assert "(saved as acme on " in finding["message"]

    def test_another_history_is_found(self, task, acme, file):
        line = SavedHead.parse(file.read_text().splitlines()[0])
        other = SavedHead(line.date, line.org, line.org_id, 1, "0" * 64)
        file.write_text(other.line())
        (finding, _) = audit_json("--since-head", str(file), code=1)
        assert (finding["position"], finding["code"]) == (1, "history_replaced")

    def test_an_organization_that_is_gone_is_found(self, task, file):
        line = SavedHead.parse(file.read_text().splitlines()[0])
        file.write_text(SavedHead(line.date, "old", 999, 5, "0" * 64).line())
        (finding, _) = audit_json("--since-head", str(file), code=1)
        assert (finding["org"], finding["position"], finding["code"]) == (
            "organization 999",
            5,
            "history_cut",
        )

    def test_a_changed_line_is_refused(self, file):
        file.write_text(file.read_text().replace('"position":2', '"position":1'))
        with pytest.raises(CommandError, match="line 1: its signature does not fit"):
            audit("--since-head", str(file))

    def test_a_line_that_is_none_is_refused(self, file):
        file.write_text("hello\n")
        with pytest.raises(CommandError, match="line 1: its signature does not fit"):
            audit("--since-head", str(file))

    def test_an_old_key_still_verifies(self, file):
        from django.conf import settings

        old = settings.SECRET_KEY
        with override_settings(SECRET_KEY="another-" * 8, SECRET_KEY_FALLBACKS=[old]):
            assert "nothing is wrong" in audit("--since-head", str(file))
        with override_settings(SECRET_KEY="another-" * 8), pytest.raises(CommandError, match="SECRET_KEY"):
            audit("--since-head", str(file))

    def test_a_file_without_what_is_asked_for_is_refused(self, file):
        file.write_text(export("--org", "globex"))
        with pytest.raises(CommandError, match="holds no saved head of what is to be audited"):
            audit("--org", "acme", "--since-head", str(file))

    def test_a_file_that_cannot_be_written(self, task):
        with pytest.raises(CommandError, match="/no/such/place cannot be written: No such file"):
            export("/no/such/place")

    def test_where_nothing_happened_there_is_nothing_to_save(self, acme):
        with pytest.raises(CommandError, match="There are no events yet"):
            export()


@pytest.mark.django_db(transaction=True)
def test_an_audit_finds_nothing_wrong_while_people_write(transactional_db, task, acme):
    enough, bob, written = threading.Event(), acme.bob, []

    def write():
        while not enough.is_set():
            written.append(comment(task, f"Comment {len(written)}", actor=bob))

    with meanwhile(write) as writing:
        try:
            audits = 0
            while not writing.done() and (audits < 4 or len(written) < 5):
                assert "nothing is wrong" in audit()
                audits += 1
        finally:
            enough.set()
        writing.result()
    assert len(written) >= 5
