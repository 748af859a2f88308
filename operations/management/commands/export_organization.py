"""Write all of an organization's data to a file that anybody can verify."""

import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from base.errors import DomainError
from events.archive.files import UnusableFile
from events.management.command import CANNOT, LogCommand
from operations.transfer import files
from operations.transfer.exporting import Options, export
from orgs.access import organization_called


class Command(LogCommand):
    help = (
        "Write an organization's log, members and notifications as JSON Lines, while people work. docs/export.md says "
        "what stands in it and how to verify it without Carillon; import_organization reads it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("org", metavar="SLUG", help="the organization")
        parser.add_argument(
            "--to",
            metavar="FILE",
            default="-",
            help="packed where it ends in .gz; '-', the default, prints it",
        )
        parser.add_argument("--with-addresses", action="store_true", help="with people's e-mail addresses")
        parser.add_argument("--archive", metavar="DIR", help="with the events that are in the archive there")

    def handle(self, *args: Any, org: str, to: str, archive: str | None, **options: Any) -> None:
        organization = organization_called(org)
        if organization is None:
            raise CommandError(f"There is no organization with the short name '{org}'.")
        wanted = Options(options["with_addresses"], Path(archive) if archive else None)
        lines = export(organization, wanted, partial(tqdm, disable=None, leave=False, file=sys.stderr))
        try:
            with closing(lines):  # before the database's connection is
                if to == "-":
                    self._print(lines)
                else:
                    files.write(Path(to), lines)
        except (DomainError, UnusableFile) as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:
            raise CommandError(
                "Whoever reads this has gone: the export is not whole.", returncode=CANNOT
            ) from None
        except OSError as error:
            where = error.filename or to
            raise CommandError(f"{where} cannot be used: {error.strerror}. Nothing was exported.") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was exported.", returncode=130) from None
        if to != "-":
            self.stderr.write(f"Exported to {to}.")

    def _print(self, lines: Any) -> None:
        out = getattr(sys.stdout, "buffer", None)
        for line in lines:
            if out is None or self.stdout._out is not sys.stdout:
                self.stdout.write(line.decode(), ending="")
            else:
                out.write(line)
        if out is not None:
            out.flush()
