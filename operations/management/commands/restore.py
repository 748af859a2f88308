"""Put a backup in the place of a database, and audit it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error

from events.management.command import unusable
from operations.backup_folder import Backup, cannot
from operations.backup_restoring import Audited, audit, check_fits, restore
from operations.management.arguments import add_backup
from operations.postgresql_programs import Programs
from webhooks.models import Webhook

NOT_MIGRATED = 3
NEXT = """What comes next:
  - Where servers run on this database, they go on by themselves; where none does, start them.
  - Save the heads anew: `export_head FILE`. Lines from after the backup do not fit any more.
  - Mails and pushes that waited when the backup was made are dropped: they may have been sent since."""
STOPPED = """  - Webhooks are stopped, so that a copy posts nothing to their receivers. Their owners resume them; where
    this is the installation from now on, restore with --resume-webhooks."""


class Command(BaseCommand):
    help = (
        "Restore a backup in one transaction, then audit it against the heads that were saved with it. Exit code 0 "
        "when nothing is wrong, 1 with findings, 2 when nothing was restored or it could not be audited, 3 when it is "
        "restored and `migrate` has to be run first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_backup(parser)
        parser.add_argument(
            "--into",
            metavar="URL",
            help="another database than DATABASE_URL; its password stands in PGPASSWORD or ~/.pgpass",
        )
        parser.add_argument("--into-file", metavar="FILE", help="likewise: a file that holds the address")
        parser.add_argument("--replace", action="store_true", help="what the database holds is gone then")
        parser.add_argument("--no-owner", action="store_true", help="everything is owned by who restores")
        parser.add_argument(
            "--send-waiting",
            action="store_true",
            help="send what waited to be sent, though it may have been sent since",
        )

        parser.add_argument(
            "--resume-webhooks",
            action="store_true",
            help="let webhooks post, though the database was empty: it is the installation's, and no copy",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["into"] or options["into_file"]:
            sys.exit(_elsewhere(options))
        try:
            backup = Backup(Path(options["backup"]), any_signature=options["any_signature"])
            check_fits(backup)
            before = restore(
                backup,
                Programs(options["programs"]),
                replace=options["replace"],
                owners=not options["no_owner"],
                send_waiting=options["send_waiting"],
                resume_webhooks=options["resume_webhooks"],
            )
            self.stdout.write(f"Restored the backup of {backup.manifest.made_at:%-d %b %Y, %H:%M} UTC.")
            audited = audit(backup.heads, before)
            is_quiet = audited.code is not None and Webhook.objects.filter(stopped_why="restored").exists()
        except Error as error:
            raise unusable(error) from error
        self._say(audited, is_quiet=is_quiet)

    def _say(self, audited: Audited, *, is_quiet: bool) -> None:
        for line in (*audited.cut, audited.said):
            self.stdout.write(line)
        if audited.code is None:
            self.stdout.write(
                "It has an older schema. Run `migrate`, then `audit_history --since-head` with its heads.txt."
            )
            sys.exit(NOT_MIGRATED)
        self.stdout.write(f"{NEXT}\n{STOPPED}" if is_quiet else NEXT)
        if audited.code:
            sys.exit(audited.code)


def _elsewhere(options: dict[str, Any]) -> int:
    """Do it in a process to which the other database is its own."""
    own = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATABASE_URL_FILE")
    }
    own["PYTHONPATH"] = str(settings.BASE_DIR)
    if options["into_file"]:
        own["DATABASE_URL_FILE"] = options["into_file"]
    else:
        if _holds_password(options["into"]):
            raise cannot(
                "--into is seen by everybody on this machine: put the address in a file and name it by --into-file."
            )
        own["DATABASE_URL"] = options["into"]
    flags = [f"--{name.replace('_', '-')}" for name in _FLAGS if options[name]]
    flags += [f"--programs={options['programs']}"] if options["programs"] else []
    command = [sys.executable, "-m", "operations.entry", "restore", options["backup"], *flags]
    return subprocess.run(command, env=own, check=False).returncode  # noqa: S603 - ourselves


_FLAGS = ("replace", "no_owner", "any_signature", "send_waiting", "resume_webhooks")


def _holds_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False  # the settings say what is wrong of it
    return bool(parts.password) or "password=" in parts.query
