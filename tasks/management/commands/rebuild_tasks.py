"""The Task table anew from the log."""

from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError
from tqdm import tqdm

from events.management.command import LogCommand
from events.management.scopes import scope_of
from tasks.rebuild import Rebuilt, rebuild


class Command(LogCommand):
    help = "Make the table of tasks anew from the log while the product goes on, and say how much of it was wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", help="one organization only")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only say what is wrong")

    def handle(self, *args: Any, org: str | None, dry_run: bool, **options: Any) -> None:
        organization_id = scope_of(org).org_id
        try:
            rebuilt = rebuild(organization_id, partial(tqdm, disable=None, leave=False), dry_run=dry_run)
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. Every row is whole; start it again for the rest.", returncode=130
            ) from None
        except IntegrityError as error:
            raise CommandError(
                f"The log tells what the table refuses: {error}. `audit_history` says where."
            ) from error
        self._say(rebuilt, "would be " if dry_run else "")

    def _say(self, rebuilt: Rebuilt, would_be: str) -> None:
        self.stdout.write(
            f"Tasks: {rebuilt.changed:,} {would_be}changed, {rebuilt.added:,} added, {rebuilt.removed:,} removed."
        )
        if rebuilt.unreadable:
            raise CommandError(
                f"{len(rebuilt.unreadable):,} tasks are not told in order by the log, and stay as they are. "
                "`audit_history` says where."
            )
