"""Split the tables that grow into parts."""

import time
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from events.management.command import LogCommand
from operations.backup_folder import cannot
from operations.partitions import bytes_free, bytes_needed, is_split, split, statements

OLDEST = 170000  # PostgreSQL's number of the first version with identity columns in parts


class Command(LogCommand):
    help = (
        "Split notifications by recipient, the log, its texts and tasks by organization, on PostgreSQL, in one "
        "transaction: people go on reading, and whoever writes meanwhile waits and is then told to try again. "
        "Exit code 2 when nothing was split."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--parts", type=int, default=16, metavar="N", help="of each table, from 2 to 1024 (16)"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the statements and change nothing")

    def handle(self, *args: Any, parts: int, dry_run: bool, **options: Any) -> None:
        _check(parts)
        if dry_run:
            self.stdout.write(
                "\n".join(f"{statement};" for statement in ("BEGIN", *statements(parts), "COMMIT"))
            )
            self.stdout.write(
                "-- Between the last two, as `migrate` does: the triggers that keep the history."
            )
            return
        started = time.monotonic()
        self.stderr.write(
            f"Splitting {bytes_needed():,} bytes. Writers wait until it is done; Ctrl-C takes it back."
        )
        split(parts)
        self.stdout.write(
            f"Each table has {parts} parts, after {time.monotonic() - started:,.1f} s. Run ANALYZE."
        )


def _check(parts: int) -> None:
    """Raise CommandError where nothing can be split."""
    if not 2 <= parts <= 1024:
        raise cannot("--parts takes a number from 2 to 1024.")
    if connection.vendor != "postgresql":
        raise cannot("SQLite has no partitioned tables: move to PostgreSQL before this.")
    with connection.cursor():
        version: int = connection.pg_version  # type: ignore[attr-defined]
    if version < OLDEST:
        raise cannot("Splitting needs PostgreSQL 17 or newer.")
    if is_split():
        raise cannot("The tables are split already.")
    needed, free = bytes_needed(), bytes_free()
    if free is not None and free < needed:
        raise cannot(
            f"The old tables stay until the end: it takes {needed:,} bytes more, and {free:,} are free."
        )
