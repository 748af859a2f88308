"""An organization leaves one installation and goes on in another."""

import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from events.findings import Scope
from events.models import TaskEvent
from events.verification import verify as verify_log
from followers.batches import begin_at_heads
from followers.models import Cursor
from followers.register import FOLLOWERS
from inbox.models import Notification
from membership import archiving
from membership.standing import standing_of
from operations.transfer import files
from operations.transfer.checking import CannotImport
from operations.transfer.exporting import Options, export
from orgs.models import Membership, Organization, User
from tasks import commands
from tasks.models import Task
from tasks.services import execute
from tests.audits import findings
from tests.factories import OrganizationFactory, UserFactory
from tests.operations.exports import elsewhere, exported, no_bars, rechecked, resealed, verify, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    return list(exported())


@pytest.fixture
def others():
    """What the other installation has already, so that no number is the one it was."""
    OrganizationFactory.create_batch(2)
    return UserFactory.create_batch(5)


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def organization(slug="acme"):
    return Organization.objects.get(slug=slug)


def log_of(slug="acme"):
    return TaskEvent.objects.filter(organization__slug=slug).order_by("position")


def again(slug="acme", **options):
    return list(export(organization(slug), Options(**options), no_bars))


class TestAnExport:
    def test_is_verified_without_us(self, lines, tmp_path):
        header = json.loads(lines[0])["header"]
        found = verify(str(written(tmp_path / "acme.jsonl", lines)))
        assert found == ("acme", header["position"], header["digest"])
        rechecked(lines)

    def test_goes_through_a_head_that_was_saved(self, lines, tmp_path):
        path = str(written(tmp_path / "acme.jsonl.gz", lines))
        event = json.loads(lines[7])
        position, org = event["event"]["position"], event["event"]["organization"]
        head = {"org_id": org, "position": position, "digest": event["digest"]}
        another = {"org_id": org + 1, "position": position, "digest": "1" * 64}
        verify(path, [head, another])  # export_head writes those of all organizations
        with pytest.raises(ValueError, match="not the one of the saved head"):
            verify(path, [head | {"digest": "0" * 64}])
        with pytest.raises(ValueError, match="does not reach"):
            verify(path, [head, head | {"position": 900}])
        with pytest.raises(ValueError, match="no saved head is of this log"):
            verify(path, [another, another])

    def test_says_no_address_unless_asked(self, lines):
        assert not any(b"@example.com" in line for line in lines)
        assert any(b'"email":"bob@example.com"' in line for line in exported(Options(with_addresses=True)))

    def test_is_never_half_a_file(self, lines, tmp_path):
        def breaking():
            yield lines[0]
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space"):
            files.write(tmp_path / "acme.jsonl", breaking())
        assert list(tmp_path.iterdir()) == []

    def test_is_one_command(self, lines, tmp_path):
        elsewhere()
        run("export_organization", "acme", "--to", str(tmp_path / "acme.jsonl.gz"))
        printed = run("export_organization", "acme")
        assert verify(str(tmp_path / "acme.jsonl.gz"))[0] == "acme"
        assert printed.count("\n") == len(lines)


def changed(number, before, after):
    def change(lines):
        assert before in lines[number]
        return [*lines[:number], lines[number].replace(before, after, 1), *lines[number + 1 :]]

    return change


def at(lines, word):
    return next(number for number, line in enumerate(lines) if word in line)


def other_text(lines):
    return changed(at(lines, b'"body":"Hm, '), b"Hm, ", b"Ha, ")(lines)


def without_text(lines):
    number = at(lines, b'"body":"Hm, ')
    said = json.loads(lines[number])
    del said["text"]
    line = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    return [*lines[:number], line, *lines[number + 1 :]]


def swapped(lines):
    return [*lines[:6], lines[7], lines[6], *lines[8:]]


def moved_to_another(lines):
    return [
        line.replace(b'"organization":', b'"organization":9', 1) if b'"event"' in line else line
        for line in lines
    ]


CHANGES = {
    "a title": lambda lines: changed(at(lines, b'"action":"created"'), b"T\xc3\xbcr", b"Tor")(lines),
    "an actor": lambda lines: changed(6, b'"actor":', b'"actor":1')(lines),
    "a digest": lambda lines: changed(6, b'{"digest":"', b'{"digest":"0')(lines),
    "a text": other_text,
    "a text is gone": without_text,
    "a line is missing": lambda lines: [*lines[:6], *lines[7:]],
    "a line is there twice": lambda lines: [*lines[:6], lines[6], *lines[6:]],
    "two are swapped": swapped,
    "all are another's": moved_to_another,
    "the end of the log is cut": lambda lines: [
        line for line in lines if b'"notification"' not in line and b'"action":"texts_erased"' not in line
    ],
    "a key twice": lambda lines: changed(6, b'"position":', b'"position":9,"position":')(lines),
    "no number": lambda lines: changed(6, b'"schema_version":1', b'"schema_version":NaN')(lines),
    "a fraction": lambda lines: changed(6, b'"schema_version":1', b'"schema_version":1.0')(lines),
    "a space": lambda lines: changed(6, b'"position":', b'"position": ')(lines),
    "two headers": lambda lines: [lines[0], *lines],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_is_found_even_where_the_end_was_made_anew(lines, tmp_path, change):
    mutated = change(list(lines))
    mutated = mutated if any(word in b"".join(mutated) for word in (b"NaN", b'9,"pos')) else resealed(mutated)
    with pytest.raises(ValueError):
        verify(str(written(tmp_path / "acme.jsonl", mutated)))
    with pytest.raises(CannotImport, match=r"Line [\d,]+:"):
        rechecked(mutated)


FORGED = {
    "two of one name": (b'"user_name":"bob"', b'"user_name":"Alice"', "user name"),
    "a role": (b'"role":"owner"', b'"role":"root"', "no role"),
    "a state": (b'"state":1', b'"state":99999999999', "no state"),
}


@pytest.mark.parametrize(("before", "after", "words"), FORGED.values(), ids=FORGED)
def test_what_no_digest_covers_is_looked_at_too(lines, before, after, words):
    mutated = resealed(changed(at(lines, before), before, after)(lines))
    with pytest.raises(CannotImport, match=words):
        rechecked(mutated)


def test_every_byte_is_looked_at(lines, tmp_path):
    content = b"".join(lines)
    for place in range(0, len(content), len(content) // 60):
        mutated = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        (tmp_path / "acme.jsonl").write_bytes(mutated)
        with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
            verify(str(tmp_path / "acme.jsonl"))
        with pytest.raises(CannotImport):
            rechecked(mutated.splitlines(keepends=True))


def test_a_file_that_ends_early_is_refused(lines, tmp_path):
    with pytest.raises(ValueError, match="the end is missing"):
        verify(str(written(tmp_path / "acme.jsonl", lines[:-1])))
    with pytest.raises(CannotImport, match="not whole"):
        rechecked(lines[:-1])


class TestAnImport:
    @pytest.fixture
    def path(self, lines, tmp_path):
        return str(written(tmp_path / "acme.jsonl.gz", lines))

    def test_verifies_as_it_was_written_and_goes_on(self, lines, path, others, tmp_path):
        said = run("import_organization", path)
        assert "Imported as 'acme'" in said and "has no owner" in said
        digests = [json.loads(line)["digest"] for line in lines if b'"event"' in line]
        assert list(log_of().values_list("digest", flat=True))[: len(digests)] == digests
        assert log_of().last().action == "log_imported"
        assert findings() == []
        assert verify_log(organization().pk).findings == []
        assert verify(str(written(tmp_path / "again.jsonl", again())))[1] == len(digests) + 1

    def test_makes_nobody_a_member_and_everybody_a_closed_account(self, path, others):
        run("import_organization", path)
        assert not organization().memberships.exists()
        stand_ins = User.objects.filter(username__startswith="imported-")
        assert stand_ins.count() == 3
        for user in stand_ins:
            assert not user.is_active and not user.has_usable_password() and not user.email
        assert stand_ins.get(username="imported-bob").display_name == "Imported: Bob"
        assert stand_ins.filter(erased_at__isnull=False).count() == 1

    def test_rebuilds_what_is_derived_and_brings_what_is_not(self, path, others):
        run("import_organization", path)
        task = Task.objects.get(organization=organization())
        assert (task.title, task.status, task.assignee.username) == ("Tür “A”", "done", "imported-bob")
        told = Notification.objects.filter(organization=organization(), recipient__username="imported-bob")
        assert told.get(event__version=2).state == 1
        assert told.filter(state=0).exists()

    def test_takes_accounts_that_a_map_names(self, path, others, tmp_path):
        people = written(tmp_path / "people.csv", [b"person,account\nbob,%s\n" % others[0].username.encode()])
        run("import_organization", path, "--people", str(people))
        assert Task.objects.get(organization=organization()).assignee == others[0]
        assert not Membership.objects.filter(user=others[0]).exists()
        assert standing_of(log_of().get(position=5), others[0].pk).role == "member"

    def test_keeps_members_where_the_operator_says_so(self, path, others, tmp_path):
        rows = b"person,account\nalice,%s\nbob,%s\n" % tuple(user.username.encode() for user in others[:2])
        people = str(written(tmp_path / "people.csv", [rows]))
        run("import_organization", path, "--people", people, "--keep-members", "--slug", "moved")
        here = organization("moved")
        assert dict(here.memberships.values_list("user", "role")) == {
            others[0].pk: "owner",
            others[1].pk: "member",
        }
        assert Notification.objects.filter(recipient=others[1], reason="about_you").exists()
        task = Task.objects.get(organization=here)
        execute(commands.CommentOnTask(task_id=task.pk, text="Here we go on."), actor=others[1])
        assert findings(Scope(here.pk)) == []

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            (b"person,account\nnobody,person1\n", "line 2: the export speaks of nobody called 'nobody'"),
            (b"person,account\nbob,nobody\n", "line 2: there is no account with the user name 'nobody'"),
            (b"who,account\n", "the first line should be 'person,account'"),
            (b"person,account\nbob\n", "line 2: there should be a person and an account"),
            (b"person,account\nbob,\xff\n", "is no CSV in UTF-8"),
        ],
    )
    def test_refuses_a_map_that_does_not_fit(self, path, others, tmp_path, rows, words):
        people = written(tmp_path / "people.csv", [rows])
        with pytest.raises(CommandError, match=words):
            run("import_organization", path, "--people", str(people))
        assert not Organization.objects.filter(slug="acme").exists()

    def test_makes_no_member_of_an_account_that_is_no_persons(self, path, tmp_path):
        bot = UserFactory(is_service=True)
        people = written(tmp_path / "people.csv", [b"person,account\nbob,%s\n" % bot.username.encode()])
        with pytest.raises(CommandError, match="no person's account"):
            run("import_organization", path, "--people", str(people), "--keep-members")

    def test_refuses_two_people_who_are_one_account(self, path, others, tmp_path):
        name = others[0].username.encode()
        people = written(tmp_path / "people.csv", [b"person,account\nbob,%s\nalice,%s\n" % (name, name)])
        with pytest.raises(CommandError, match="line 3: one person is one account"):
            run("import_organization", path, "--people", str(people))

    def test_is_refused_a_second_time(self, path, others):
        run("import_organization", path)
        with pytest.raises(CommandError, match="is here already, as the organization 'acme'"):
            run("import_organization", path, "--slug", "other")

    def test_is_refused_where_it_came_from(self, tmp_path):
        elsewhere()
        path = str(written(tmp_path / "acme.jsonl", again()))
        with pytest.raises(CommandError, match="is here already"):
            run("import_organization", path, "--slug", "other")

    def test_needs_a_short_name_that_is_free(self, path):
        OrganizationFactory(slug="acme")
        with pytest.raises(CommandError, match=r"short name is taken.*--slug"):
            run("import_organization", path)
        assert not User.objects.filter(username__startswith="imported-").exists()

    def test_writes_nothing_in_a_dry_run(self, path):
        assert "Nothing was written" in run("import_organization", path, "--dry-run")
        assert not Organization.objects.exists() and not User.objects.exists()

    def test_comes_from_an_installation_that_had_imported_it(self, path, others, tmp_path):
        with transaction.atomic():
            run("import_organization", path)
            second = again()
            transaction.set_rollback(True)
        OrganizationFactory.create_batch(3)
        run("import_organization", str(written(tmp_path / "second.jsonl", second)), "--slug", "third")
        assert findings() == []
        assert [event.action for event in log_of("third")].count("log_imported") == 2
        assert verify(str(written(tmp_path / "third.jsonl", again("third"))))[1] == len(log_of("third"))


class TestWithAnArchive:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        monkeypatch.setattr(archiving, "STAYING", 1)

    @pytest.fixture
    def archived(self, tmp_path):
        """Acme, of which a task has left for the archive; taken back with the test."""
        acme = elsewhere()
        execute(
            commands.CreateTask(organization_id=acme.pk, title="Goes on"),
            actor=User.objects.get(username="alice"),
        )
        Notification.objects.filter(organization=acme).delete()
        acme.log_head.refresh_from_db()
        Cursor.objects.filter(organization=acme).delete()
        for name in FOLLOWERS:
            begin_at_heads(name, [acme.log_head])
        last = str(acme.log_head.position - 1)
        run("archive_log", "--org", "acme", "--upto", last, "--to", str(tmp_path))

    def imported(self, tmp_path, make):
        """Import what is exported within a transaction that is taken back. Returns how many events were in the log."""
        with transaction.atomic():
            make()
            lines, without, there = again(archive=tmp_path), again(), log_of().count()
            transaction.set_rollback(True)
        verify(str(written(tmp_path / "whole.jsonl", lines)))
        verify(str(written(tmp_path / "without.jsonl", without)))
        OrganizationFactory.create_batch(2)
        run("import_organization", str(tmp_path / "whole.jsonl"))
        return without, there

    def test_brings_what_left_back_into_the_log(self, tmp_path, request):
        without, there = self.imported(tmp_path, lambda: request.getfixturevalue("archived"))
        assert json.loads(without[0])["header"]["missing"] > 0
        with pytest.raises(CannotImport, match="Export with --archive"):
            rechecked(without)
        assert log_of().count() > there + 1
        assert findings() == []

    def test_knows_what_was_erased_in_its_files(self, tmp_path, request):
        def make():
            request.getfixturevalue("archived")
            bob = User.objects.get(username="bob")
            run("erase_user", "bob", "--yes")
            bob.refresh_from_db()
            run("erase_in_archive", bob.username, "--archive", str(tmp_path), "--name", "bob")

        self.imported(tmp_path, make)
        assert log_of().filter(action="archived_texts_erased").exists()
        assert findings() == []


class TestAFileThatIsNone:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "not whole"),
            (b"\x1f\x8b\x08\x00nonsense", "cannot be unpacked"),
            (gzip.compress(b"\0" * (files.LONGEST + 2)), "has a line of more than 16 MiB"),
            (gzip.compress('{"header":{}}\n'.encode("utf-16")), "Line 1:"),
            (gzip.compress(b"[" * 100_000 + b"\n"), "Line 1:"),
            (gzip.compress(b'{"header":{"format":1}}\n'), "Line 1:"),
        ],
        ids=["empty", "no gzip", "a bomb", "UTF-16", "too deep", "too little"],
    )
    def test_is_refused_with_a_sentence(self, tmp_path, content, words):
        path = tmp_path / "acme.jsonl.gz"
        path.write_bytes(content)
        with pytest.raises(CommandError, match=words):
            run("import_organization", str(path))

    def test_that_is_of_another_format_says_so(self, lines, tmp_path):
        newer = resealed(changed(0, b'"format":1', b'"format":2')(lines))
        with pytest.raises(CommandError, match="Line 1: its format is 2"):
            run("import_organization", str(written(tmp_path / "acme.jsonl", newer)))

    def test_that_is_not_there_says_so(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be read: No such file"):
            run("import_organization", str(tmp_path / "none.jsonl"))
