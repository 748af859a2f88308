"""Django's `flush`, which says why the database refuses: the history is append-only."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import IntegrityError

from events.append_only import REFUSED


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        try:
            super().handle(**options)
        except CommandError as error:
            if isinstance(error.__cause__, IntegrityError):
                raise CommandError(f"Nothing was flushed. {REFUSED}") from error
            raise
