"""Forget in the files of the archive a person whom `erase_user` has forgotten in the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from base.errors import DomainError
from events.archive.files import UnusableFile
from events.management.command import LogCommand
from membership.archive_erasure import erase_in_archive
from orgs.models import User


class Command(LogCommand):
    help = (
        "Erase a person's words in the files of the archive. They still verify: the log says what was taken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name that `erase_user` gave: erased-12")
        parser.add_argument("--archive", metavar="DIR", required=True, help="the directory with the files")
        parser.add_argument(
            "--name",
            metavar="NAME",
            action="append",
            default=[],
            help="a user name that they had; may be repeated",
        )

    def handle(self, *args: Any, user: str, archive: str, name: list[str], **options: Any) -> None:
        person = User.objects.named(user)
        if person is None or person.erased_at is None:
            raise CommandError(
                f"There is no erased account with the user name '{user}'. Run `erase_user` first."
            )
        if not Path(archive).is_dir():
            raise CommandError(f"{archive} is no directory.")
        try:
            done = erase_in_archive(person, name, Path(archive))
        except (DomainError, UnusableFile) as error:
            raise CommandError(f"{error}.") from error
        except OSError as error:
            raise CommandError(f"{error.filename or archive} cannot be written: {error.strerror}.") from error
        for path, texts in done:
            if texts is None:
                self.stdout.write(f"{path.name} is in no receipt of this database, and stays as it is.")
            else:
                self.stdout.write(f"{path.name}: {texts:,} texts erased or without the name.")
        if not any(texts for _, texts in done):
            self.stdout.write("No file holds words of theirs.")
