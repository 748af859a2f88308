"""`manage.py push_key`: makes the key by which push services know this installation."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbound.push.encryption import new_key


class Command(BaseCommand):
    help = (
        "Make the key that signs desktop pushes, and print it as PUSH_KEY=... or write it to a file for PUSH_KEY_FILE."
        " With another key everybody has to turn desktop notifications on again."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a file to write it to; it must not exist")
        parser.add_argument("--if-missing", action="store_true", help="leave a file that exists as it is")

    def handle(self, *_args: Any, file: Path | None, if_missing: bool, **_options: Any) -> None:
        if file is None:
            self.stdout.write(f"PUSH_KEY={new_key()}")
            return
        try:
            # Only its owner reads it, from the first byte on.
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                opened.write(f"{new_key()}\n")
        except FileExistsError:
            if if_missing:
                return
            raise CommandError(
                f"{file} exists. With another key everybody has to turn desktop notifications on again:"
                " move it away first, if that is meant."
            ) from None
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"Set PUSH_KEY_FILE={file}")
