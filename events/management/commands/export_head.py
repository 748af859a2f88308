"""Write down where the logs stand, to keep it where whoever owns the database cannot reach it."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from base import last_runs
from events.findings import Scope
from events.management.command import LogCommand
from events.management.scopes import scope_of
from events.saved_heads import current_heads


class Command(LogCommand):
    help = (
        "Write each organization's newest position and digest, signed, one line each. Keep the lines elsewhere; "
        "`audit_history --since-head FILE` says later whether the logs still go through them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", default="-", help="lines are added to it; - (the default) prints them"
        )
        parser.add_argument("--org", metavar="SLUG", help="one organization only")

    def handle(self, *args: Any, file: str, org: str | None, **options: Any) -> None:
        scope = scope_of(org) if org else Scope()
        lines = [head.line() + "\n" for head in current_heads(scope, timezone.now().replace(microsecond=0))]
        if not lines:
            raise CommandError("There are no events yet, so there is nothing to write down.")
        self._write(lines, file)
        if scope == Scope():
            last_runs.ended("exported_head", went_well=True)

    def _write(self, lines: list[str], file: str) -> None:
        if file == "-":
            self.stdout.write("".join(lines), ending="")
            return
        try:
            with open(file, "a", encoding="utf-8") as saved:  # noqa: PTH123 - a path as the caller wrote it
                saved.writelines(lines)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"Added {len(lines)} heads to {file}.")
