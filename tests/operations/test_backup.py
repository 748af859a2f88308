"""Backups as an operator makes and restores them: whole or not there, of this installation, the same history again."""

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from events.models import TaskEvent
from operations.backup_folder import HEADS, MANIFEST, Backup, only_one
from orgs.models import Membership
from outbound.models import Delivery, Gathering
from tests.audits import audit
from tests.operations.backups import PROGRAMS, another_database, at, backup, run
from tests.realtime.sockets import dial, event_frames, frame_from, org_path, session_cookie
from tests.realtime.test_server import submit
from tests.tasks.threads import meanwhile
from webhooks import services
from webhooks.claiming import claim
from webhooks.models import Webhook
from webhooks.wishes import Wish

pytestmark = pytest.mark.django_db(transaction=True)
on_sqlite = pytest.mark.skipif(
    "sqlite" not in os.environ.get("DATABASE_URL", "sqlite"), reason="SQLite's locks"
)
on_postgresql = pytest.mark.skipif(
    "sqlite" in os.environ.get("DATABASE_URL", "sqlite"), reason="PostgreSQL's programs"
)


@pytest.fixture
def made(world, tmp_path):
    world.write(3)
    return backup(tmp_path / "backups")


def refused(name, *arguments):
    with pytest.raises(CommandError) as error:
        call_command(name, *map(str, arguments), f"--programs={PROGRAMS}")
    assert error.value.returncode == 2
    return str(error.value)


class TestMaking:
    def test_is_whole_beside_who_writes(self, world, tmp_path):
        """Never behind its heads, whatever is written meanwhile: else the audit would miss events."""
        world.write()
        with meanwhile(lambda: world.write(20)):
            folder = backup(tmp_path)
        assert sorted(path.name for path in folder.iterdir())[1:] == [HEADS, MANIFEST]
        assert "nothing is wrong" in run("verify_backup", str(folder))
        assert list(tmp_path.iterdir()) == [folder], "nothing else is left"

    def test_only_the_newest_are_kept_and_only_ours_go(self, made, tmp_path):
        directory = made.parent
        for day in (1, 2):
            older = directory / f"carillon-2020010{day}-000000"
            shutil.copytree(made, older)
        (directory / "carillon-20200103-000000").mkdir()
        (directory / "notes").write_text("mine")
        newest = backup(directory, "--keep=2")
        left = {path.name for path in directory.iterdir()}
        assert {"notes", "carillon-20200103-000000", newest.name} < left
        assert len(left) == 4

    def test_what_a_link_leads_to_stays(self, made, tmp_path):
        kept = made.rename(tmp_path / "kept")
        for link in ("carillon-20200101-000000", "carillon-20200102-000000"):
            (made.parent / link).symlink_to(kept)
        backup(made.parent, "--keep=1")
        assert (kept / MANIFEST).exists()

    def test_what_a_killed_run_has_left_goes_with_the_next(self, made):
        (made.parent / ".carillon-partial-1").mkdir()
        newest = backup_again(made)
        assert list(made.parent.iterdir()) == [newest]

    def test_one_at_a_time(self, world, tmp_path):
        with only_one(tmp_path):
            assert refused("backup", tmp_path) == f"Another backup is being written to {tmp_path}."

    def test_a_path_that_takes_none(self, world, tmp_path):
        (tmp_path / "file").touch()
        assert "cannot be written" in refused("backup", tmp_path / "file")

    @pytest.mark.parametrize(("options", "why"), [("size=64k", "pace|full"), ("ro", "Read-only")])
    def test_a_full_and_a_read_only_disk(self, world, tmp_path, options, why):
        world.write()
        with mounted(tmp_path, options):
            assert re.search(why, refused("backup", tmp_path))
            assert list(tmp_path.iterdir()) == []


def backup_again(made):
    shutil.rmtree(made)
    return backup(made.parent)


@contextmanager
def mounted(directory, options):
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", directory], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


class TestWhatIsNoBackup:
    def test_a_wrong_file(self, world, tmp_path):
        (tmp_path / "file").write_text("x")
        assert "is no backup" in refused("restore", tmp_path / "file")

    @pytest.mark.parametrize(("left", "why"), [(-1, "cut off"), (None, "digest differs")])
    def test_a_truncated_and_an_altered_one(self, made, left, why):
        dump = next(made.glob("database.*"))
        content = dump.read_bytes()
        dump.write_bytes(content[:left] if left else content[:-1] + bytes([content[-1] ^ 1]))
        assert why in refused("restore", made, "--replace")

    def test_another_installations(self, made, settings):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, []
        assert "not signed by this installation" in refused("restore", made, "--replace")

    def test_a_manifest_that_names_files_elsewhere(self, made, tmp_path):
        """Nobody learns how large they are, or waits for one without an end."""
        (tmp_path / "secret").write_text("12345")
        path = made / MANIFEST
        parts = '"parts":{"../../secret":{"size":1,"sha256":""},"/dev/zero":{"size":0,"sha256":""},'
        path.write_text(path.read_text().replace('"parts":{', parts))
        assert "not signed" in refused("restore", made, "--replace")
        Backup(made, any_signature=True).check()

    def test_a_newer_schema(self, made, monkeypatch):
        from operations import backup_making

        real = backup_making.applied()
        monkeypatch.setattr(backup_making, "applied", lambda: [*real, "inbox.9999_from_tomorrow"])
        assert "newer schema (inbox.9999_from_tomorrow)" in refused(
            "restore", backup_again(made), "--replace"
        )


class TestRestoring:
    def test_what_holds_something_is_not_replaced_unasked(self, made):
        assert "holds something" in refused("restore", made)

    def test_in_place_it_names_what_is_cut(self, made, world):
        before = TaskEvent.objects.count()
        world.write(2)
        said = run("restore", str(made), "--replace")
        assert "acme: events 5 to 6 are not in the backup." in said
        assert "nothing is wrong" in said
        assert TaskEvent.objects.count() == before
        world.write()
        assert "nothing is wrong" in audit()

    @on_sqlite
    def test_in_place_it_leaves_the_locks_of_who_reads_meanwhile(self, made):
        """Without them whoever closes the file next would delete the write-ahead log under the reader."""
        file = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(file)) as reader:
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            run("restore", str(made), "--replace")
            look = (
                f"import sqlite3; c = sqlite3.connect({file!r}); c.execute('PRAGMA user_version'); c.close()"
            )
            subprocess.run([sys.executable, "-c", look], check=True)
            assert Path(f"{file}-wal").exists()

    def test_what_waited_to_be_sent_is_not_sent_again(self, world, tmp_path):
        now = timezone.now()
        fields = {"channel": "mail", "kind": "digest", "user": world.bob, "created_at": now}
        Delivery.objects.create(key="due", due_at=now, **fields)
        Delivery.objects.create(key="later", due_at=now + timezone.timedelta(days=1), **fields)
        span = {"user": world.bob, "organization": world.org, "first": 1, "last": 1, "since": now}
        Gathering.objects.create(channel="mail", mode="digest", due_at=now, **span)
        folder = backup(tmp_path)
        run("restore", str(folder), "--replace")
        assert dict(Delivery.objects.values_list("key", "state")) == {"due": "dropped", "later": "waiting"}
        assert not Gathering.objects.exists()
        run("restore", str(folder), "--replace", "--send-waiting")
        assert dict(Delivery.objects.values_list("key", "state")) == {"due": "waiting", "later": "waiting"}

    @pytest.mark.parametrize(
        ("arguments", "state"),
        [
            (["--into"], ("stopped", "restored")),
            (["--resume-webhooks", "--into"], ("active", "")),
            (["--send-waiting", "--into"], ("active", "")),
        ],
    )
    def test_a_copy_posts_nothing_unless_it_is_said_to_be_none(
        self, world, server_environment, tmp_path, arguments, state
    ):
        membership = Membership.objects.get(user=world.alice, organization=world.org)
        services.make(membership, Wish("Archive", "https://archive.example/hook"), from_start=True)
        folder = backup(tmp_path)
        with another_database(server_environment, tmp_path) as url:
            said = restored_elsewhere(folder, *arguments, url)
            with at(url):
                assert Webhook.objects.values_list("state", "stopped_why").get() == state
                assert bool(claim("a thread", quick_only=False)) == (state[0] == "active")
        assert ("a copy posts nothing" in said) == (state[0] == "stopped")

    def test_in_place_webhooks_go_on(self, world, tmp_path):
        membership = Membership.objects.get(user=world.alice, organization=world.org)
        services.make(membership, Wish("Archive", "https://archive.example/hook"))
        run("restore", str(backup(tmp_path)), "--replace")
        assert Webhook.objects.values_list("state", "reset_why").get() == ("active", "restored")

    def test_a_password_stands_on_no_command_line(self, made):
        assert "--into-file" in refused("restore", made, "--into=postgres://me:secret@host/name")

    @on_postgresql
    def test_another_restore_runs(self, made):
        from operations import backup_postgresql

        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [backup_postgresql.LOCK])
            assert "Another restore into this database runs" in refused("restore", made, "--replace")
        other.close()

    @on_postgresql
    def test_programs_that_are_missing_or_older(self, world, tmp_path):
        (tmp_path / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.4'\n")
        with pytest.raises(CommandError, match="is not in"):
            call_command("backup", str(tmp_path / "b"), f"--programs={tmp_path}/none")
        (tmp_path / "pg_dump").chmod(0o755)
        with pytest.raises(CommandError, match=r"is of version 15\.4, and the server is PostgreSQL"):
            call_command("backup", str(tmp_path / "b"), f"--programs={tmp_path}")
        assert list((tmp_path / "b").iterdir()) == []

    @on_postgresql
    def test_a_restore_whose_reader_dies_changes_nothing(self, made, world, tmp_path):
        """Its writer would commit, at the end of its input, what has come so far."""
        world.write(2)
        before = TaskEvent.objects.count()
        for name in ("psql", "pg_dump"):
            (tmp_path / name).symlink_to(f"{PROGRAMS}/{name}")
        (tmp_path / "pg_restore").write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && exec {PROGRAMS}/pg_restore --version\n'
            f'{PROGRAMS}/pg_restore "$@" | head -c 20000\nkill -9 $$\n'
        )
        (tmp_path / "pg_restore").chmod(0o755)
        with pytest.raises(CommandError, match="Nothing was restored: ended by signal 9"):
            call_command("restore", str(made), "--replace", f"--programs={tmp_path}")
        assert TaskEvent.objects.count() == before


def restored_elsewhere(folder, *arguments):
    command = [
        sys.executable,
        "-m",
        "operations.entry",
        "restore",
        folder,
        "--programs",
        PROGRAMS,
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def restored_in_place(folder, url):
    with at(url):
        return run("restore", str(folder), "--replace")


async def test_the_drill(world, server_environment, start_server, tmp_path):
    """Restored elsewhere by an address, audited there against its heads, and served from there; then restored once more
    under the server that runs: its sockets show exactly the history that is there."""
    await sync_to_async(world.write)(3)
    cookie = await sync_to_async(session_cookie)(world.bob)
    writer = await sync_to_async(session_cookie)(world.alice)
    folder = await sync_to_async(backup)(tmp_path)
    with another_database(server_environment, tmp_path) as url:
        said = await asyncio.to_thread(restored_elsewhere, folder, "--into", url)
        assert "4 events and 1 saved heads" in said
        server = await sync_to_async(start_server)(DATABASE_URL=url, FOLLOW="1", REDIS_URL="")

        async def write() -> None:
            path = "/orgs/acme/tasks/1/comment/"
            assert await asyncio.to_thread(submit, server, path, writer, text="ding") == 200

        async with dial(server.ws_url, org_path("acme"), cookie) as socket:
            cursor = (await frame_from(socket))["cursor"]
            await event_frames(socket, 4)
            for expected in (5, 6):
                await write()
                assert [frame["position"] for frame in await event_frames(socket, 1)] == [expected]
            said = await sync_to_async(restored_in_place)(folder, url)
            assert "acme: events 5 to 6 are not in the backup." in said
            await write()
            with pytest.raises(ConnectionClosed):
                assert (await frame_from(socket))["type"] != "task_event", "of a history that is gone"
        async with dial(server.ws_url, org_path("acme", cursor), cookie) as socket:
            assert (await frame_from(socket))["replay"]["mode"] != "reset", "the backup holds that place"
            assert [frame["position"] for frame in await event_frames(socket, 1)] == [5]
        await sync_to_async(server.stop)()
        assert "Traceback" not in server.log
