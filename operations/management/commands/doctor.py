"""Look at what this installation stands on, and say a sentence for each."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from base.database_errors import database_sentence
from base.dependencies import reason_of
from operations.doctor import data, here, network
from operations.doctor.verdicts import Verdict, is_well, run

CHECKS = (
    ("versions", here.versions),
    ("settings", here.checked_settings),
    ("database", data.database),
    ("schema", data.schema),
    ("layer", network.layer),
    ("proxy", network.proxy),
    ("clock", data.clock),
    ("mail", here.mail_server),
    ("followers", data.followers),
    ("processes", data.processes),
    ("proofs", data.proofs),
    ("connections", here.connections),
    ("disk", here.disk),
)


class Command(BaseCommand):
    help = "Look at settings, database, layer, proxy, clock, mail and versions, and say a sentence for each."
    requires_system_checks = []  # they are among what is looked at

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object for each sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        found = []
        for verdict in run(CHECKS, _words):
            found.append(verdict)
            self.stdout.write(_object(verdict) if options["json"] else _line(verdict))
        if not is_well(found):
            sys.exit(1)


def _line(verdict: Verdict) -> str:
    return f"{verdict.state:5} {verdict.part:12} {verdict.sentence}"


def _object(verdict: Verdict) -> str:
    return json.dumps(verdict._asdict(), ensure_ascii=False)


def _words(error: Exception) -> str:
    return database_sentence(error) or f"{reason_of(error)}."
