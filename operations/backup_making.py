"""Makes a backup: the heads first and the dump after them, so that the dump is never behind the heads."""

import datetime as dt
import time
from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from base.release import VERSION
from events.findings import Scope
from events.saved_heads import current_heads
from operations import backup_postgresql, backup_sqlite
from operations.backup_folder import DUMPS, HEADS, MANIFEST, Manifest, Part, cannot, new_folder, write_flushed
from operations.postgresql_programs import Programs


def make_backup(directory: Path, programs: Programs) -> tuple[Path, Manifest]:
    """Write a backup into a folder of its own. Raises CommandError; nothing is left behind then."""
    now = timezone.now().astimezone(dt.UTC).replace(microsecond=0)
    migrations = applied()
    if not migrations:
        raise cannot("The database is empty: there is nothing to back up.")
    with new_folder(directory, now) as (folder, name):
        manifest = _fill(folder, now, migrations, programs)
    return name, manifest


def _fill(folder: Path, now: dt.datetime, migrations: list[str], programs: Programs) -> Manifest:
    started = time.monotonic()
    engine = connection.vendor
    write_flushed(folder / HEADS, "".join(head.line() + "\n" for head in current_heads(Scope(), now)))
    if engine == "postgresql":
        backup_postgresql.dump(programs, folder / DUMPS[engine])
    else:
        backup_sqlite.dump(folder / DUMPS[engine])
    parts = {name: Part.of(folder / name) for name in (DUMPS[engine], HEADS)}
    seconds = round(time.monotonic() - started, 1)
    manifest = Manifest(VERSION, engine, now, seconds, migrations, parts)
    write_flushed(folder / MANIFEST, manifest.line() + "\n")
    return manifest


def applied() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
