"""What somebody may put beside the log, or into the archive, is named and breaks nothing."""

import gzip

import msgspec
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from events.archive import files
from events.archive.auditing import findings_in_archive
from events.findings import Scope
from events.models import TaskEvent
from inbox.models import Notification
from inbox.rebuild import Inboxes
from inbox.rebuild_inbox import rebuild_inbox
from membership import archiving
from tests.archive.test_archive_log import (  # noqa: F401 - fixtures
    all_may_go,
    all_read,
    all_taken,
    archive,
    codes,
    log,
    rewritten,
)
from tests.audits import audit, findings, no_bars
from tests.tasks.acme import comment, move, new_task

pytestmark = pytest.mark.django_db


def hostile(change):
    def on(lines):
        line = msgspec.json.decode(lines[1])
        change(line)
        return [lines[0], msgspec.json.encode(line) + b"\n", *lines[2:]]

    return on


DEEP = b"[" * 100_000

HOSTILE = [
    lambda lines: [lines[0], DEEP + b"\n", *lines[2:]],
    lambda lines: [DEEP + b"\n"],
    lambda lines: [lines[0], b'"a"\n', *lines[2:]],
    lambda lines: [lines[0], b"\xff\xfe\n", *lines[2:]],
    hostile(lambda line: line.update(event="words")),
    hostile(lambda line: line.update(event={})),
    hostile(lambda line: line.update(event=line["event"] | {"position": None})),
    hostile(lambda line: line.update(event=line["event"] | {"position": 10**400})),
    hostile(lambda line: line.update(id="many")),
    hostile(lambda line: line.update(digest=None)),
    hostile(lambda line: line.update(text={"nonce": 1, "body": 2})),
    hostile(lambda line: line.update(text="words")),
    hostile(lambda line: line.update(text={"nonce": "zz", "body": "x"})),
    hostile(lambda line: line.update(event=line["event"] | {"action": ["texts_erased"]})),
    hostile(lambda line: line.update(event=line["event"] | {"action": "texts_erased", "details": 5})),
    hostile(lambda line: line.update(event=line["event"] | {"action": "texts_erased", "schema_version": "x"})),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_file_is_a_finding(log, tmp_path, number):
    archive(tmp_path)
    (path,) = tmp_path.iterdir()
    rewritten(path, HOSTILE[number])
    found = {finding.code for finding in findings_in_archive(Scope(), tmp_path)}
    assert found and found <= {"archive_altered", "text_altered"}


def test_a_file_of_another_history_with_a_receipt_of_its_own(log, tmp_path, monkeypatch):
    """Whoever can write to the database appends a receipt that names a file of their own: nothing of that part is
    still in the log, and what stands in the file's place is chained to what was there."""
    archive(tmp_path, upto=3)
    monkeypatch.setattr(archiving, "_lines", forged(archiving._lines))
    archive(tmp_path, upto=6)
    assert not TaskEvent.objects.filter(position__in=[4, 5, 6]).exists()
    assert codes() == {"archive_differs"}
    assert codes("--archive", str(tmp_path)) == {"archive_differs"}


def forged(lines):
    def read(organization_id, position, last):
        before = TaskEvent.objects.filter(organization_id=organization_id, position=position).first()
        before = before.digest if before else "0" * 64
        for line in lines(organization_id, position, last):
            event = line.event | {"subject": "Another"}
            line = line._replace(event=event)
            line = line._replace(digest=line.chained(before))
            before = line.digest
            yield line

    return read


def test_a_rebuild_that_meets_a_cut_tells_of_nothing_that_left(log, tmp_path, monkeypatch):
    finish = Inboxes.finish

    def after_a_cut(inboxes):
        archive(tmp_path)
        return finish(inboxes)

    monkeypatch.setattr(Inboxes, "finish", after_a_cut)
    rebuild_inbox(None, no_bars)
    assert Notification.objects.exists()
    assert not Notification.objects.exclude(event__in=TaskEvent.objects.all()).exists()
    audit("--archive", str(tmp_path))


def test_what_an_inbox_got_before_the_lock_stays(log, acme, tmp_path, monkeypatch):
    """A rebuild adds it between the look for what is over and the lock."""
    done, *_ = log
    over_by = archiving.over_by

    def then_told(*place):
        found = over_by(*place)
        event = TaskEvent.objects.filter(stream_id=done.pk).latest("version")
        Notification.objects.create(
            recipient=acme.carol, event=event, organization=acme.organization, reason="mentioned"
        )
        return found

    monkeypatch.setattr(archiving, "over_by", then_told)
    archive(tmp_path)
    assert TaskEvent.objects.filter(stream_id=done.pk).count() == 3
    audit("--archive", str(tmp_path))
