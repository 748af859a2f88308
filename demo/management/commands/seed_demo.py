"""Demo data for an empty database: two organizations, four people, a month of work."""

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from base.transactions import write_transaction
from demo.seed import NAMES, seed
from orgs.models import Organization, User


class Command(BaseCommand):
    help = "Fill an empty database with demo data. Everyone's password is 'demo'."

    def handle(self, *args: Any, **options: Any) -> None:
        """Add all of it or nothing: whoever interrupts it leaves the database as it was."""
        progress = partial(tqdm, desc="Demo data", unit=" steps", disable=None)
        with write_transaction():
            _require_empty()
            events = seed(timezone.now(), progress)
        self.stdout.write(f"Added {events} events.")


def _require_empty() -> None:
    if Organization.objects.exists():
        raise CommandError("This database already has organizations; demo data goes into an empty one only.")
    if taken := User.objects.filter(name_key__in=NAMES).first():
        raise CommandError(f"This database already has an account named '{taken.username}'; remove it first.")
