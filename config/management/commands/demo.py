"""The product on this machine, with something to look at: migrate, seed, serve."""

import os
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from base.database_errors import unpooled
from orgs.models import Organization
from outbound.mail import mailbox


class Command(BaseCommand):
    help = "Migrate the database, fill it with demo data if it is empty, and serve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, port: int, workers: int, **options: Any) -> None:
        self._name_cookies(settings.COOKIE_PREFIX or f"demo-{port}-")
        with closing(unpooled()) as connection:
            connection.ensure_connection()
        call_command("migrate", verbosity=0)
        if not Organization.objects.exists():
            call_command("seed_demo")
        self.stdout.write(
            f"\n  Carillon: http://127.0.0.1:{port}\n\n"
            "  alice   owner of Acme, and administrator (/admin/)\n"
            "  bob     member of Acme\n"
            "  carol   member of Acme, owner of Globex\n"
            "  dave    member of Globex\n\n"
            f"{self._mailbox(port)}"
            "  Everyone's password is 'demo'. Ctrl-C stops it.\n"
        )
        self.stdout.flush()
        call_command("serve", host="127.0.0.1", port=port, workers=workers)

    def _mailbox(self, port: int) -> str:
        return f"  Mails land on http://127.0.0.1:{port}/mailbox/.\n" if mailbox.is_on() else ""

    def _name_cookies(self, prefix: str) -> None:
        """Name them by the port, here and in workers, so that demos on two ports do not sign each other out."""
        os.environ["COOKIE_PREFIX"] = settings.COOKIE_PREFIX = prefix
        settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = f"{prefix}sessionid", f"{prefix}csrftoken"
