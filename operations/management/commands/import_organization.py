"""Take an organization that `export_organization` wrote into this installation."""

from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from base.errors import DomainError
from events.management.command import LogCommand
from operations.transfer.checking import CannotImport, Checked
from operations.transfer.importing import Wanted, checked, import_organization
from operations.transfer.people import mapped
from orgs.account_services import OPERATIONS, operations_account
from orgs.models import User


class Command(LogCommand):
    help = (
        "Verify an export and make an organization of it: its log goes on, its people are accounts that a map names, "
        "or closed ones. Nobody becomes a member by it unless --keep-members says so. All of it, or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", help="what export_organization wrote; packed where it ends in .gz"
        )
        parser.add_argument("--slug", metavar="NEW", help="another short name than it had")
        parser.add_argument("--people", metavar="MAP", help="CSV with the columns person and account")
        parser.add_argument(
            "--keep-members",
            action="store_true",
            help="accounts of the map are members at once, as they were there",
        )
        parser.add_argument("--by", metavar="USER", help=f"who does it: a user name; else '{OPERATIONS}'")
        parser.add_argument("--dry-run", action="store_true", help="verify all of it, and write nothing")

    def handle(self, *args: Any, file: str, people: str | None, by: str | None, **options: Any) -> None:
        bars = partial(tqdm, disable=None, leave=False)
        try:
            found = checked(Path(file), bars)
            known = mapped(Path(people), found.people) if people else {}
            if options["dry_run"]:
                self._say(found, known, "Everything fits. Nothing was written.")
                return
            short_name = options["slug"] or found.header.organization.short_name
            wanted = Wanted(short_name, known, _actor(by), options["keep_members"])
            organization = import_organization(Path(file), found, wanted, bars)
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{error.filename or file} cannot be read: {error.strerror}.") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was imported.", returncode=130) from None
        self._say(found, known, f"Imported as '{organization.slug}'.")
        if not organization.memberships.filter(role="owner").exists():
            self.stdout.write(
                "It has no owner: offer it to somebody in the administration, under Organizations."
            )

    def _say(self, found: Checked, known: dict[int, User], what: str) -> None:
        end = found.end
        self.stdout.write(
            f"{what} Events: {end.events:,}. Notifications: {end.notifications:,}. People: {end.people:,}, of them "
            f"{len(known):,} by accounts of the map and {end.people - len(known):,} by closed ones that stand for them."
        )


def _actor(by: str | None) -> User:
    user = User.objects.named(by) if by else operations_account()
    if user is None:
        raise CannotImport(
            f"There is no account with the user name '{by}'."
            if by
            else f"A person has the user name '{OPERATIONS}' here. Say who does it: --by USER."
        )
    return user
