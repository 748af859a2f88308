"""Restores a backup into the database that Django uses, and finds out whether what is there then is the history
that was saved."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from events.findings import Scope
from events.models import LogHead
from events.saved_heads import SavedHead, current_heads
from operations import backup_postgresql, backup_sqlite
from operations.backup_aftermath import aftermath
from operations.backup_folder import Backup, cannot
from operations.postgresql_programs import Programs


@dataclass
class Audited:
    """`code`: that of `audit_history`. None: it was not audited, since the database has to be migrated first."""

    code: int | None
    said: str = ""
    cut: list[str] = field(default_factory=list)


def check_fits(backup: Backup) -> None:
    """Raise CommandError unless this release can restore it here."""
    manifest = backup.manifest
    if manifest.engine != connection.vendor:
        raise cannot(f"This is a backup of {manifest.engine}, and the database here is {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationExecutor(None).loader.disk_migrations}
    if unknown := sorted(set(manifest.migrations) - known):
        raise cannot(
            f"This backup was made by release {manifest.release} and has a newer schema ({unknown[0]}): "
            "restore it with that release."
        )
    backup.check()


def restore(
    backup: Backup,
    programs: Programs,
    *,
    replace: bool,
    owners: bool = True,
    send_waiting: bool = False,
    resume_webhooks: bool = False,
) -> list[SavedHead]:
    """Restore it in one transaction. Returns the heads of the logs that stood there until then. Raises CommandError,
    where the database holds something and is not to be replaced too; nothing is changed then."""
    engine = backup_postgresql if connection.vendor == "postgresql" else backup_sqlite
    with engine.restoring():
        if engine.holds_something() and not replace:
            raise cannot(
                f"The database {connection.settings_dict['NAME']} holds something. "
                "Restore into an empty one, or say --replace: what is there is gone then."
            )
        before = _heads_there() if replace else []
        is_copy = not replace and not resume_webhooks
        then = [] if send_waiting else aftermath(backup.manifest.migrations, is_copy=is_copy)
        if connection.vendor == "postgresql":
            backup_postgresql.restore(programs, backup.dump, then, owners=owners)
        else:
            backup_sqlite.restore(backup.dump, then)
    connection.close()
    return before


def _heads_there() -> list[SavedHead]:
    """Read what the logs that are replaced come to; nothing where they cannot be read."""
    try:
        return list(current_heads(Scope(), timezone.now()))
    except DatabaseError:
        return []
    finally:
        if connection.vendor == "sqlite":
            connection.close()


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def audit(heads: Path, before: list[SavedHead]) -> Audited:
    """Audit what is there against the heads of the backup, and say what of the earlier logs is gone."""
    if not is_migrated():
        return Audited(None, cut=_cut(before))
    said, code = io.StringIO(), 0
    with redirect_stdout(said):
        try:
            since = {"since_head": str(heads)} if heads.stat().st_size else {}
            call_command("audit_history", stdout=said, **since)
        except SystemExit as ended:
            code = int(ended.code or 0)
        except CommandError as error:
            raise cannot(f"It is restored, but could not be audited: {error}") from error
    return Audited(code, said.getvalue().rstrip("\n"), _cut(before))


def _cut(before: list[SavedHead]) -> list[str]:
    there = dict(LogHead.objects.values_list("organization_id", "position"))
    return [
        f"{head.org}: events {there.get(head.org_id, 0) + 1:,} to {head.position:,} are not in the backup."
        for head in before
        if head.position > there.get(head.org_id, 0)
    ]


@contextmanager
def scratch() -> Iterator[None]:
    """Let everything go on in an empty database of its own, which is gone at the end."""
    name = f"carillon_verify_{timezone.now():%Y%m%d%H%M%S%f}"
    engine = backup_postgresql if connection.vendor == "postgresql" else backup_sqlite
    with engine.scratch_database(name):
        yield
