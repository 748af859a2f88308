"""Which databases a release runs on, and which it migrates."""

import asyncio
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from base import schema_release
from base.models import SchemaRelease
from base.release import VERSION
from config import schema_check

pytestmark = pytest.mark.django_db


def said(migrated_by: str, oldest: str) -> None:
    now = "2026-11-27T00:00:00Z"
    SchemaRelease.objects.update_or_create(
        pk=1, defaults={"migrated_by": migrated_by, "oldest": oldest, "migrated_at": now}
    )


def test_migrating_says_which_release_it_was():
    SchemaRelease.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert SchemaRelease.objects.values_list("migrated_by", "oldest").get() == (VERSION, "0.1.0")


def test_a_release_runs_on_its_own_schema_and_where_nothing_is_said():
    said(VERSION, "0.1.0")
    assert schema_release.refusal(connection) is None
    SchemaRelease.objects.all().delete()
    assert schema_release.refusal(connection) is None


def test_a_release_that_is_too_old_is_refused():
    said("0.12.0", "0.11.0")
    assert (
        schema_release.refusal(connection)
        == f"The database was migrated by Carillon 0.12.0 and needs 0.11.0 or newer; this is {VERSION}."
    )
    with pytest.raises(CommandError, match=r"needs 0\.11\.0 or newer"):
        call_command("follow", "--status", stdout=StringIO())
    with pytest.raises(CommandError, match=r"needs 0\.11\.0 or newer"):
        call_command("remove_factors", "alice")


def test_a_newer_schema_that_it_can_run_on_is_noted(caplog):
    caplog.set_level("INFO", "base")
    said("0.2.0", VERSION)
    MigrationRecorder(connection).record_applied("tasks", "9999_of_the_next")
    assert schema_release.refusal(connection) is None
    assert f"migrated by Carillon 0.2.0; this is {VERSION}, which can run on it" in caplog.text


def test_migrations_that_no_newer_release_answers_for_are_refused():
    MigrationRecorder(connection).record_applied("tasks", "9999_of_a_branch")
    assert "does not know (tasks.9999_of_a_branch)" in (schema_release.refusal(connection) or "")


def test_migrations_of_a_library_are_its_own_affair():
    MigrationRecorder(connection).record_applied("allauth_account", "9999_of_the_next")
    assert schema_release.refusal(connection) is None


def test_an_older_schema_is_refused_whoever_migrated_it():
    MigrationRecorder(connection).record_unapplied("tasks", "0004_attempts")
    assert schema_release.refusal(connection) == schema_release.OLDER
    said("0.2.0", VERSION)
    assert schema_release.refusal(connection) == schema_release.OLDER


def test_an_older_release_does_not_migrate():
    said("0.2.0", VERSION)
    with pytest.raises(CommandError, match=r"migrated by Carillon 0\.2\.0"):
        call_command("migrate", verbosity=0)
    assert SchemaRelease.objects.get().migrated_by == "0.2.0"


def test_who_is_too_old_is_kept_away_before_anything_changes(monkeypatch):
    said("0.0.9", "0.0.8")
    MigrationRecorder(connection).record_unapplied("tasks", "0004_attempts")
    schema_release.about_to_migrate(connection)
    assert SchemaRelease.objects.values_list("migrated_by", "oldest").get() == ("0.0.9", "0.1.0")
    schema_release.migrated(connection)  # it ended half-way
    assert SchemaRelease.objects.get().migrated_by == "0.0.9"


def test_the_oldest_release_never_goes_back():
    said(VERSION, "0.2.0")
    schema_release.migrated(connection)
    assert SchemaRelease.objects.get().oldest == "0.2.0"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_a_second_migrate_at_a_time_is_refused():
    from base.management.commands.migrate import _alone

    with _alone(connection), pytest.raises(CommandError, match="Another `migrate` is under way"):
        call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)


async def started(monkeypatch, why):
    monkeypatch.setattr(schema_check, "_refusal", lambda: why)
    sent: list[dict[str, object]] = []

    async def serve(scope, receive, send):
        await send({"type": "lifespan.startup.complete"})

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "lifespan.startup"}

    await schema_check.schema_checked(serve)({"type": "lifespan"}, receive, send)
    return sent


def test_a_server_process_starts_only_where_it_may(monkeypatch):
    assert asyncio.run(started(monkeypatch, "Too old.")) == [
        {"type": "lifespan.startup.failed", "message": "Too old."}
    ]
    assert asyncio.run(started(monkeypatch, None)) == [{"type": "lifespan.startup.complete"}]
