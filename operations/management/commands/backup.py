"""Back up the database into a folder of its own, with the heads of the logs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from events.management.command import unusable
from operations.backup_folder import cannot, remove_older
from operations.backup_making import make_backup
from operations.postgresql_programs import Programs


class Command(BaseCommand):
    help = (
        "Write a dump of the database, the signed heads of its logs and a signed manifest into a new folder in DIR, "
        "while people go on working. Exit code 0 when it is whole and flushed, 2 when there is none."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="remove all but the newest N backups afterwards"
        )
        parser.add_argument(
            "--programs",
            default="",
            metavar="DIR",
            help="where pg_dump is; otherwise it is looked for in PATH",
        )

    def handle(self, *args: Any, directory: str, keep: int | None, programs: str, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise cannot("--keep takes a number from 1 on.")
        folder, manifest = _made(Path(directory), programs)
        size = sum(part.size for part in manifest.parts.values())
        self.stdout.write(f"{folder}: {size:,} bytes in {manifest.seconds:,.1f} s.")
        for gone in _removed(Path(directory), keep):
            self.stdout.write(f"Removed {gone}.")


def _made(directory: Path, programs: str) -> Any:
    try:
        return make_backup(directory, Programs(programs))
    except Error as error:
        raise unusable(error) from error
    except KeyboardInterrupt:
        raise CommandError("Stopped. There is no backup of it.", returncode=130) from None


def _removed(directory: Path, keep: int | None) -> list[Path]:
    try:
        return remove_older(directory, keep) if keep else []
    except OSError as error:
        raise cannot(
            f"The backup is made, but an older one could not be removed: {error.strerror}."
        ) from error
