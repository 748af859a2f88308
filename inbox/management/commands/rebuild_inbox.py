"""The inboxes compared with the log, and what is missing added."""

from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from events.management.command import LogCommand
from events.management.scopes import scope_of
from inbox.rebuild import Drift
from inbox.rebuild_inbox import rebuild_inbox


class Command(LogCommand):
    help = (
        "Derive anew who should have been notified of what, say how far the inboxes are from it, and add what is "
        "missing. Members, levels and watches have no history: today's are used, so a change of them shows as drift. "
        "Nothing is deleted, and what was read stays read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", help="one organization only")
        parser.add_argument(
            "--dry-run", action="store_true", help="change nothing, only say how far they are"
        )

    def handle(self, *args: Any, org: str | None, dry_run: bool, **options: Any) -> None:
        organization_id = scope_of(org).org_id
        try:
            drift = rebuild_inbox(organization_id, partial(tqdm, disable=None, leave=False), dry_run=dry_run)
        except KeyboardInterrupt:
            raise CommandError("Stopped. Start it again for the rest.", returncode=130) from None
        self.stdout.write(_report(drift, dry_run=dry_run))


def _report(drift: Drift, *, dry_run: bool) -> str:
    missing, reasons = ("missing", "with another reason") if dry_run else ("added", "given another reason")
    beyond = (
        f"\n  {drift.beyond:,} beyond KEEP_NOTIFICATIONS_DAYS, which are not put back" if drift.beyond else ""
    )
    return (
        f"Notifications: {drift.there:,}. Drift: {drift.missing + drift.reasons + drift.extra:,}.\n"
        f"  {drift.missing:,} {missing}, {drift.direct:,} of them mentions or assignments, which nobody can turn off\n"
        f"  {drift.reasons:,} {reasons}, as the log gives it\n"
        f"  {drift.extra:,} extra, which stay: nobody would be told so today, but may have been then{beyond}"
    )
