"""What somebody may put beside the log, or into the archive, is named and breaks nothing."""

import msgspec
import pytest
from django.core.management import call_command

from events.archive import erasing, files
from events.archive.auditing import findings_in_archive
from events.digests import GENESIS
from events.findings import Scope
from events.models import TaskEvent
from membership import archiving
from tests.archive.cuts import archive, codes, rewritten
from tests.audits import audit

pytestmark = pytest.mark.django_db


def hostile(change):
    def on(lines):
        line = msgspec.json.decode(lines[1])
        change(line)
        return [lines[0], msgspec.json.encode(line) + b"\n", *lines[2:]]

    return on


DEEP = b"[" * 30_000

HOSTILE = [
    lambda lines: [*lines[:-1], b" " * 50_000 + lines[-1]],
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
def test_a_hostile_file_is_a_finding(log, tmp_path, monkeypatch, number):
    archive(tmp_path)
    monkeypatch.setattr(files, "LONGEST", 40_000)
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
        yield from rechained(lines(organization_id, position, last), before.digest if before else GENESIS)

    return read


def test_what_lies_under_the_unfinished_name_is_not_written_into(log, acme, tmp_path):
    """A link to something else, or a file that others may read."""
    theirs = tmp_path / "theirs"
    theirs.write_text("mine")
    path = files.path_of(tmp_path, acme.pk, 1, 7)
    path.with_suffix(".unfinished").symlink_to(theirs)
    archive(tmp_path)
    assert (theirs.read_text(), path.is_symlink()) == ("mine", False)
    path.with_suffix(".unfinished").touch(mode=0o666)
    erasing.rewrite(path, {})
    assert path.stat().st_mode & 0o077 == 0


def test_nobody_is_forgotten_in_a_file_that_no_receipt_names(log, acme, tmp_path, capsys):
    """Another installation's, say, where the same number is somebody else."""
    archive(tmp_path)
    (path,) = tmp_path.iterdir()
    lines = files.opened(path)[1]
    lines = [line._replace(text=files.Text("00", "Another's")) if line.text else line for line in lines]
    lines = [*rechained(lines)]
    place = path.with_name("log-1-theirs.jsonl.gz")
    files.write(place, files.header_of("acme", acme.pk, 1, GENESIS, lines, []), lines)
    written = place.read_bytes()
    alice = acme.alice.pk
    call_command("erase_user", "alice", "--yes")
    call_command("erase_in_archive", f"erased-{alice}", archive=str(tmp_path), name=["alice"])
    assert place.read_bytes() == written
    assert f"{place.name} is in no receipt of this database, and stays as it is." in capsys.readouterr().out


def rechained(lines, before=GENESIS):
    for line in lines:
        line = line._replace(event=line.event | {"subject": "Another"})
        line = line._replace(digest=line.chained(before))
        before = line.digest
        yield line


def test_a_file_without_its_receipt_gets_the_texts_of_today(log, tmp_path, monkeypatch):
    """Its digest does not cover them, and they are nowhere else once its events have left."""
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(archiving, "_cut", lambda *_: 1 / 0)
        archive(tmp_path)
    (path,) = tmp_path.iterdir()
    erasing.rewrite(path, {1: None})
    archive(tmp_path)
    audit("--archive", str(tmp_path))
