"""Print what the first visit to an empty installation asks for."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.setup_code import setup_code


class Command(BaseCommand):
    help = "Print the code with which the first account is made at /welcome/."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(setup_code())
