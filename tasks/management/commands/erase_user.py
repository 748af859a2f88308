"""Forget a person who asked for it."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection

from base.errors import DomainError
from events.archive.receipts import file_names
from events.management.command import LogCommand
from orgs.models import User
from tasks.erasure import Erased, erase_user, sole_ownerships

MOST = 20  # file names in one sentence


class Command(LogCommand):
    help = "Erase a person's name, address and words. The history keeps what they did, and still verifies."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, user: str, yes: bool, **options: Any) -> None:
        person = User.objects.named(user)
        if person is None:
            raise CommandError(f"There is no account with the user name '{user}'.")
        try:
            if not yes:
                self._confirm(person)
            erased = erase_user(person.pk)
        except DomainError as error:
            raise CommandError(error.message) from error
        self._say(person, erased)

    def _confirm(self, person: User) -> None:
        self.stdout.write(
            f"This erases the name, the address and every text of {person.display_name}. It cannot be undone."
        )
        if owned := sole_ownerships(person):
            self.stdout.write(f"Without an owner afterwards: {', '.join(owned)}.")
        try:
            answer = input(f"Type {person.username} to go on: ")
        except EOFError:
            answer = ""
        if answer != person.username:
            raise CommandError("Nothing was erased. Where nobody can answer, use --yes.")

    def _say(self, person: User, erased: Erased) -> None:
        self.stdout.write(
            f"Erased. Account {person.pk} is now '{erased.name}'. Texts erased: {erased.texts}. "
            f"Tasks where others' texts named them: {erased.mentions}. Organizations left: {erased.organizations}."
        )
        if erased.inline_texts:
            self.stderr.write(
                f"{erased.inline_texts} texts from before schema version 2 are part of the hashed history and stay."
            )
        self.stdout.write("Backups, log files and exports still hold them: let those expire.")
        if names := file_names():
            which = ", ".join(names[:MOST]) + (
                f" and {len(names) - MOST:,} more" if len(names) > MOST else ""
            )
            self.stdout.write(
                f"Files of the archive may still hold them: {which}. Run "
                f"`manage.py erase_in_archive {erased.name} --archive DIR --name NAME`, with each name that they had."
            )
        if connection.vendor == "postgresql":
            self.stdout.write("To remove deleted rows from the disk too, run VACUUM in the database.")
