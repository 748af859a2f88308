"""The way back in for an administrator who lost their only second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from accounts.factors import remove_all
from base import schema_release
from orgs.models import User


class Command(BaseCommand):
    help = "Remove the second factors of somebody who lost them. They are told by mail, and it is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="user name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        schema_release.require(connection)
        user = User.objects.named(name)
        if user is None:
            raise CommandError(f"There is no account named '{name}'.")
        removed = remove_all(user)
        self.stdout.write(f"{user.username}: {removed} removed.")
