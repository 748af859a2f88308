"""Move the oldest part of an organization's log to files."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from base.errors import DomainError
from events.archive.files import UnusableFile
from events.management.command import LogCommand
from events.models import TaskEvent
from membership.archiving import archive, furthest
from orgs.access import organization_called
from orgs.account_services import OPERATIONS, operations_account
from orgs.models import User


class Command(LogCommand):
    help = (
        "Write the oldest part of a log to files that `audit_history --archive` verifies, and take the finished tasks "
        "of that part from the database, with a receipt in the log. Started again, it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", required=True, help="the organization")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--before", metavar="DATE", help="what happened before this day, UTC: 2026-01-31")
        where.add_argument("--upto", metavar="POSITION", type=int, help="up to and with this position")
        parser.add_argument("--to", metavar="DIR", required=True, help="an existing directory for the files")
        parser.add_argument("--by", metavar="USER", help=f"who does it: a user name; else '{OPERATIONS}'")

    def handle(self, *args: Any, org: str, to: str, by: str | None, **options: Any) -> None:
        organization = organization_called(org)
        if organization is None:
            raise CommandError(f"There is no organization with the short name '{org}'.")
        if not (directory := Path(to)).is_dir():
            raise CommandError(f"{to} is no directory.")
        upto = _upto(organization.pk, options["before"], options["upto"])
        try:
            for done in archive(organization, upto, directory, _actor(by)):
                self.stdout.write(
                    f"{done.path.name}: positions {done.header.first:,} to {done.header.last:,}. "
                    f"{done.streams:,} finished tasks with {done.removed:,} events have left the database."
                )
        except (DomainError, UnusableFile) as error:
            raise CommandError(_sentence(str(error))) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or to} cannot be written: {error.strerror}. Nothing is lost; start it again."
            ) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. Nothing is lost; start it again for the rest.", returncode=130
            ) from None


def _upto(organization_id: int, before: str | None, upto: int | None) -> int:
    if before is None:
        return upto or 0
    try:
        day = parse_date(before)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"'{before}' is no day. Write it as 2026-01-31.")
    moment = timezone.make_aware(dt.datetime.combine(day, dt.time()), dt.UTC)
    events = TaskEvent.objects.filter(organization_id=organization_id)
    first = (
        events.filter(created_at__gte=moment).order_by("position").values_list("position", flat=True).first()
    )
    most = furthest(organization_id)
    return most if first is None else min(first - 1, most)


def _actor(by: str | None) -> User:
    user = User.objects.named(by) if by else operations_account()
    if user is None:
        raise CommandError(
            f"There is no account with the user name '{by}'."
            if by
            else f"A person has the user name '{OPERATIONS}' here. Say who does it: --by USER."
        )
    return user


def _sentence(message: str) -> str:
    return message if message.endswith((".", "`.")) else f"{message}."
