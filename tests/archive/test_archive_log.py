"""The oldest part of a log goes to files, and everything still verifies."""

import gzip
import re
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from base.errors import DomainError
from events.archive import erasing, files
from events.archive.auditing import findings_in_archive
from events.audit.links import links_of
from events.findings import Scope
from events.models import ArchivedStream, TaskEvent
from events.saved_heads import SavedHead
from events.verification import verify
from followers.models import Cursor
from inbox.models import Notification, Reason
from inbox.services import watch
from membership import archiving
from orgs.models import User
from tasks import commands
from tasks.archiving import InArchive
from tasks.models import Task
from tasks.rebuild import Rebuilt, rebuild
from tasks.services import execute
from tests.archive.cuts import all_read, all_taken, archive, codes, rewritten
from tests.audits import audit, audit_json, findings, no_bars
from tests.examples import examples
from tests.factories import UserFactory
from tests.tasks.acme import Role, comment, found, move, new_task, rename
from tests.tasks.invariants import assert_the_fold_is_the_row
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db


def test_what_is_over_leaves_and_all_verifies(log, tmp_path, capsys):
    __, open_one, _ = log
    archive(tmp_path)
    assert "2 finished tasks with 5 events have left the database" in capsys.readouterr().out
    assert list(TaskEvent.objects.order_by("position").values_list("position", flat=True)) == [3, 7, 8, 9]
    audit()
    audit("--archive", str(tmp_path))
    assert audit_json()[-1]["remarks"] == ["5 events are in the archive alone, which `--archive DIR` audits."]
    audit("--task", "ACME-2")
    with pytest.raises(CommandError, match="ACME-1 is in the archive"):
        audit("--task", "ACME-1")
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert_the_fold_is_the_row(open_one.pk)
    call_command("rebuild_tasks")
    assert "0 changed, 0 added, 0 removed" in capsys.readouterr().out
    assert Task.objects.count() == 3


def test_without_a_receipt_nothing_goes(log):
    """Nor with a row that names an older event as its receipt."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_archivedstream (organization_id, stream_id, version, state, author_id, receipt)"
            " SELECT organization_id, stream_id, 99, 'x', 0, 1 FROM events_taskevent WHERE position = 1"
        )
    assert refused("DELETE FROM events_taskevent WHERE position = 1")
    assert refused("DELETE FROM events_eventtext")


def refused(statement):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except (IntegrityError, DatabaseError):
        return True
    return False


REST = [
    "DELETE FROM events_taskevent WHERE position = 3",
    "DELETE FROM events_taskevent WHERE position > 7",
    "DELETE FROM events_eventtext",
    "UPDATE events_archivedstream SET version = 99",
    "DELETE FROM events_archivedstream",
    "DELETE FROM events_archivejoint",
]


def test_after_a_cut_nothing_more_goes(log, tmp_path):
    archive(tmp_path)
    assert [statement for statement in REST if not refused(statement)] == []


def test_the_audits_page_of_an_event_at_a_joint(log, tmp_path):
    archive(tmp_path)
    said = [link for event in TaskEvent.objects.filter(position__in=[3, 7]) for link in links_of(event)]
    assert all(link.holds for link in said)
    assert {
        "Its digest follows on the one before, which is in the archive.",
        "The next one is in the archive.",
    } <= {link.says for link in said}


def test_the_button_that_verifies_goes_over_joints(log, acme, tmp_path):
    """Also from where it stood in what left since."""
    before = verify(acme.pk)
    place = TaskEvent.objects.get(position=4)
    archive(tmp_path)
    for start in ((), (before.position, before.digest), (4, place.digest)):
        found = verify(acme.pk, *start)
        assert (found.findings, found.complete) == ([], True)


def test_the_receipt_stands_in_the_history(log, tmp_path, bob):
    archive(tmp_path)
    page = bob.get("/orgs/acme/history/").content.decode()
    assert "Operations archived the history up to event 7: 2 finished tasks with 5 events" in page


def test_a_person_may_do_it(log, acme, tmp_path):
    archive(tmp_path, by="alice")
    assert TaskEvent.objects.latest("id").actor == acme.alice


def test_pages_of_what_left(log, bob, tmp_path):
    done, open_one, _ = log
    archive(tmp_path)
    page = bob.get(f"/orgs/acme/tasks/{done.number}/").content.decode()
    assert "In the archive." in page
    assert "The old words of alice" in page
    assert "Look back" not in page
    assert "You are a viewer here" not in page and "What you are told" not in page
    past = bob.get(f"/orgs/acme/tasks/{done.number}/?version=1").content.decode()
    assert "Its past is in the archive" in past
    assert bob.get("/orgs/acme/tasks/?status=all").status_code == 200
    assert bob.get(f"/orgs/acme/tasks/{open_one.number}/?version=1").status_code == 200
    gone = bob.get("/orgs/acme/tasks/?position=2")
    assert (gone.status_code, b"is in the archive" in gone.content) == (410, True)
    assert re.search(r"Choose a moment from \d+ \w+ \d{4}, \d\d:\d\d UTC on", gone.content.decode())
    then = bob.get("/orgs/acme/tasks/?position=8&status=all").content.decode()
    assert "Fix the door" in then and "Paint it" in then


def test_what_left_is_not_changed(log, acme, tmp_path):
    done, *_ = log
    archive(tmp_path)
    for command in (
        commands.CommentOnTask(task_id=done.pk, text="Again"),
        commands.ChangeStatus(task_id=done.pk, status="open"),
        commands.CreateTask(organization_id=acme.pk, title="Anew", task_id=done.pk),
    ):
        with pytest.raises(InArchive):
            execute(command, actor=acme.bob)
    audit("--archive", str(tmp_path))


def test_a_second_part_goes_on_where_the_first_ended(log, acme, tmp_path):
    """With what began in the first part and was over in the second."""
    _, open_one, _ = log
    archive(tmp_path, upto=5)
    move(open_one, "done", actor=acme.bob)
    rename(new_task(acme, actor=acme.bob, title="More"), "Even more", actor=acme.bob)
    all_taken(), all_read()
    archive(tmp_path, upto=10)
    assert len(list(tmp_path.iterdir())) == 2
    assert not TaskEvent.objects.filter(stream_id=open_one.pk).exists()
    audit("--archive", str(tmp_path))
    audit()


def test_it_goes_in_parts(log, tmp_path, monkeypatch):
    monkeypatch.setattr(archiving, "PART", 3)
    archive(tmp_path)
    assert sorted(path.name[-31:] for path in tmp_path.iterdir()) == [
        "000000000001-000000000003.jsonl.gz"[-31:],
        "000000000004-000000000006.jsonl.gz"[-31:],
        "000000000007-000000000007.jsonl.gz"[-31:],
    ]
    audit("--archive", str(tmp_path))


def test_inboxes_keep_what_they_tell_of(log, acme, tmp_path):
    done, *_ = log
    event = TaskEvent.objects.filter(stream_id=done.pk).latest("version")
    Notification.objects.create(
        recipient=acme.carol, event=event, organization=acme.organization, reason=Reason.MENTIONED
    )
    archive(tmp_path)
    assert TaskEvent.objects.filter(stream_id=done.pk).count() == 3
    audit("--archive", str(tmp_path))


def said(*arguments, **options):
    with pytest.raises(CommandError) as error:
        call_command("archive_log", *arguments, **options)
    return str(error.value)


def test_what_is_refused_in_a_sentence(log, acme, tmp_path, monkeypatch):
    place = {"org": "acme", "to": str(tmp_path)}
    assert "no organization" in said(**place | {"org": "nobody"}, upto=3)
    assert "no directory" in said(**place | {"to": str(tmp_path / "none")}, upto=3)
    assert "is no day" in said(**place, before="soon")
    assert "nothing to archive: the log is not that old" in said(**place, before="2020-01-01")
    assert "is the last that can go" in said(**place, upto=99)
    assert "no account" in said(**place, upto=3, by="nobody")
    Cursor.objects.filter(follower="search").update(position=2)
    assert "“search” has taken the log up to position 2 only" in said(**place, upto=3)
    assert list(tmp_path.iterdir()) == []
    User.objects.filter(username="operations").delete()
    UserFactory(username="operations")
    assert "Say who does it" in said(**place, upto=3)


def test_a_log_that_is_not_clean_stays(log, tmp_path):
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE events_taskevent SET subject = 'Another' WHERE position = 2")
    assert "The history is not clean" in said(org="acme", to=str(tmp_path), upto=3)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written(log, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    assert "No space left on device" in said(org="acme", to=str(tmp_path), upto=7)
    assert (TaskEvent.objects.count(), list(tmp_path.iterdir())) == (8, [])


def test_a_file_without_its_receipt_is_taken_up(log, tmp_path, monkeypatch):
    """The process died between the two."""
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(archiving, "_cut", lambda *_: 1 / 0)
        archive(tmp_path)
    (path,) = tmp_path.iterdir()
    written = path.read_bytes()
    archive(tmp_path)
    assert path.read_bytes() == written
    audit("--archive", str(tmp_path))


def test_a_file_that_is_another_is_not_overwritten(log, acme, tmp_path):
    path = files.path_of(tmp_path, acme.pk, 1, 7)
    path.write_bytes(b"mine")
    assert "cannot be unpacked" in said(org="acme", to=str(tmp_path), upto=7)
    assert path.read_bytes() == b"mine"


FILES = [
    (lambda path: path.unlink(), "archive_missing"),
    (lambda path: path.write_bytes(path.read_bytes()[:-20]), "archive_altered"),
    (lambda path: path.write_bytes(b""), "archive_altered"),
    (lambda path: rewritten(path, lambda lines: lines[:-1]), "archive_altered"),
    (lambda path: rewritten(path, lambda lines: [lines[0], *lines[2:]]), "archive_altered"),
    (
        lambda path: rewritten(path, lambda lines: [line.replace(b"Fix", b"Mix") for line in lines]),
        "archive_altered",
    ),
    (
        lambda path: rewritten(path, lambda lines: [line.replace(b"Hm,", b"Oh,") for line in lines]),
        "text_altered",
    ),
    (
        lambda path: rewritten(
            path, lambda lines: [lines[0].replace(b'"first":1', b'"first":2'), *lines[1:]]
        ),
        "archive_altered",
    ),
    (lambda path: rewritten(path, lambda lines: [lines[0], b"[]\n", *lines[2:]]), "archive_altered"),
    (lambda path: rewritten(path, lambda lines: [b"{}\n"]), "archive_altered"),
]


def test_files_that_are_not_what_was_written(log, tmp_path):
    archive(tmp_path)
    (path,) = tmp_path.iterdir()
    written = path.read_bytes()
    for change, code in FILES:
        change(path)
        assert {finding.code for finding in findings_in_archive(Scope(), tmp_path)} == {code}
        path.write_bytes(written)
    assert list(findings_in_archive(Scope(), tmp_path)) == []


def test_another_organizations_file(log, globex, tmp_path):
    gina = globex.gina
    move(new_task(globex, actor=gina), "done", actor=gina)
    comment(new_task(globex, actor=gina), actor=gina)
    all_taken(), all_read()
    archive(tmp_path, upto=2)
    all_taken()
    call_command("archive_log", org="globex", upto=2, to=str(tmp_path))
    one, other = sorted(tmp_path.iterdir())
    one.write_bytes(other.read_bytes())
    assert codes("--archive", str(tmp_path)) == {"archive_foreign"}


ROWS = [
    ("UPDATE tasks_task SET title = 'Another' WHERE number = 1", "task_differs"),
    ("DELETE FROM tasks_task WHERE number = 1", "task_missing"),
    ("UPDATE events_archivejoint SET digest = 'x' WHERE position = 2", "archive_differs"),
    ("DELETE FROM events_archivedstream", "archive_differs"),
    ("UPDATE events_taskevent SET subject = 'Another' WHERE position = 3", "event_altered"),
    ("DELETE FROM events_taskevent WHERE position = 3", "archive_differs"),
]


def test_what_is_altered_in_the_database_since(log, tmp_path):
    archive(tmp_path)
    for statement, code in ROWS:
        with transaction.atomic():
            with without_triggers(), connection.cursor() as cursor:
                cursor.execute("DELETE FROM events_eventtext")
                cursor.execute(statement)
            assert code in {finding.code for finding in findings()}
            transaction.set_rollback(True)


def test_saved_heads_of_what_left(log, acme, tmp_path, capsys):
    heads = tmp_path / "heads.txt"
    first = TaskEvent.objects.get(position=1)
    head = SavedHead(timezone.now(), "acme", acme.pk, 1, first.digest)
    wrong = SavedHead(timezone.now(), "acme", acme.pk, 4, first.digest)
    archive(tmp_path)
    heads.write_text(head.line() + "\n")
    audit("--since-head", str(heads), "--archive", str(tmp_path))
    assert capsys.readouterr().err == ""
    audit("--since-head", str(heads))
    assert "only the archive's files can prove: 1. Add --archive DIR." in capsys.readouterr().err
    heads.write_text(wrong.line() + "\n")
    assert codes("--since-head", str(heads), "--archive", str(tmp_path)) == {"history_replaced"}


def test_a_person_is_forgotten_in_files_too(log, acme, tmp_path, capsys):
    """In the row of a task that left, in its file, and in the words of others."""
    done, open_one, _ = log
    comment(open_one, "Ask @alice.", actor=acme.bob)
    comment(open_one, "Who else?", actor=acme.bob)
    all_taken(), all_read()
    archive(tmp_path, upto=9)
    alice = acme.alice.pk
    call_command("erase_user", "alice", "--yes")
    assert f"erase_in_archive erased-{alice}" in capsys.readouterr().out
    assert Task.objects.get(pk=done.pk).description == ""
    call_command("erase_in_archive", f"erased-{alice}", archive=str(tmp_path), name=["alice"])
    (path,) = tmp_path.iterdir()
    words = gzip.decompress(path.read_bytes()).decode()
    assert "old words of alice" not in words
    assert f"Ask @erased-{alice}." in words
    assert "Hm, says bob." in words
    audit("--archive", str(tmp_path))
    capsys.readouterr()
    call_command("erase_in_archive", f"erased-{alice}", archive=str(tmp_path), name=["alice"])
    assert "No file holds words of theirs" in capsys.readouterr().out


def test_a_text_that_nobody_erased_is_missed_in_a_file(log, tmp_path):
    archive(tmp_path)
    (path,) = tmp_path.iterdir()
    erasing.rewrite(path, {1: None})
    assert codes("--archive", str(tmp_path)) == {"text_missing"}


actions = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(["comment", "done", "open", "cancelled", "rename", "watch"])
    ),
    min_size=6,
    max_size=14,
)


@settings(
    max_examples=examples(3, again=2),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@for_all(actions, st.lists(st.integers(3, 14), min_size=1, max_size=2))
def test_any_sequence_and_any_cut(db, tmp_path_factory, wanted, cuts):
    """The audit is clean, each fold is its row, and a rebuild changes nothing; with notifications that stay."""
    with transaction.atomic():
        acme = found("acme", alice=Role.OWNER, bob=Role.ADMIN, carol=Role.MEMBER, vera=Role.VIEWER)
        directory = tmp_path_factory.mktemp("archive")
        tasks = [new_task(acme, actor=acme.alice, title=f"Task {number}") for number in range(3)]
        for which, what in wanted:
            act(tasks[which], what, acme)
        Notification.objects.filter(event__stream_id__in=[tasks[0].pk, tasks[1].pk]).delete()
        for upto in cuts:
            all_taken()
            with suppress(CommandError):
                archive(directory, upto=upto)
            for task in tasks:
                act(task, "comment", acme)
        gone = set(ArchivedStream.objects.values_list("stream_id", flat=True))
        assert (
            tasks[2].pk not in gone or not Notification.objects.filter(event__stream_id=tasks[2].pk).exists()
        )
        for task in tasks:
            if task.pk not in gone:
                assert_the_fold_is_the_row(task.pk)
        assert rebuild(None, no_bars) == Rebuilt()
        assert findings_in_archive_and_log(directory) == []
        transaction.set_rollback(True)


def findings_in_archive_and_log(directory):
    return [*findings(), *findings_in_archive(Scope(), directory)]


def act(task, what, acme):
    with suppress(DomainError):
        if what == "comment":
            execute(commands.CommentOnTask(task_id=task.pk, text="Hm @bob"), actor=acme.carol)
        elif what == "rename":
            execute(commands.RenameTask(task_id=task.pk, title="Another"), actor=acme.bob)
        elif what == "watch":
            watch(acme.vera.pk, acme.pk, task.pk, watching=True)
        else:
            execute(commands.ChangeStatus(task_id=task.pk, status=what), actor=acme.alice)
