"""Find out whether a backup can be restored: in a database of its own, which is gone afterwards."""

import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error

from events.management.command import unusable
from operations.backup_folder import Backup
from operations.backup_restoring import Audited, audit, check_fits, is_migrated, restore, scratch
from operations.management.arguments import add_backup
from operations.postgresql_programs import Programs


class Command(BaseCommand):
    help = (
        "Restore a backup into a database of its own, on the same server, migrate it there and audit it against its "
        "heads; then drop it. Exit code 0 when nothing is wrong, 1 with findings, 2 when it cannot be restored."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_backup(parser)

    def handle(self, *args: Any, backup: str, any_signature: bool, programs: str, **options: Any) -> None:
        try:
            audited = _audited(Backup(Path(backup), any_signature=any_signature), Programs(programs))
        except Error as error:
            raise unusable(error) from error
        self.stdout.write(audited.said)
        if audited.code:
            sys.exit(audited.code)


def _audited(backup: Backup, programs: Programs) -> Audited:
    check_fits(backup)
    with scratch():
        restore(backup, programs, replace=False, owners=False)
        if not is_migrated():
            call_command("migrate", verbosity=0)
        return audit(backup.heads, [])
