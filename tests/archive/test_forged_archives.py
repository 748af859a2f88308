"""What somebody may put beside the log, or into the archive, is named and breaks nothing."""

import msgspec
import pytest

from events.archive.auditing import findings_in_archive
from events.findings import Scope
from events.models import TaskEvent
from membership import archiving
from tests.archive.cuts import archive, codes, rewritten

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
    hostile(
        lambda line: line.update(event=line["event"] | {"action": "texts_erased", "schema_version": "x"})
    ),
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
