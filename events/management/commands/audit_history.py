"""Check that the history is what was written, and that everything made from it still fits."""

import json
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from base import last_runs
from events.findings import CHECKS, Finding, Scope
from events.management.command import LogCommand
from events.management.scopes import scope_of
from events.saved_heads import SavedHead, findings_since
from orgs.models import Organization


class Command(LogCommand):
    help = "Audit the history: exit code 0 when nothing is wrong, 1 with findings, 2 when it could not be audited."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", help="one organization only")
        parser.add_argument("--task", metavar="KEY", help="one task only, such as ACME-12")
        parser.add_argument(
            "--since-head", metavar="FILE", help="heads that `export_head` saved; - reads them from stdin"
        )
        parser.add_argument(
            "--json", action="store_true", help="a JSON object for each finding, and one at the end"
        )

    def handle(self, *args: Any, since_head: str | None, **options: Any) -> None:
        started = time.monotonic()
        scope = scope_of(options["org"], options["task"])
        heads = _read(since_head, scope) if since_head else []
        report = _Lines(self) if options["json"] else _Sentences(self)
        found = 0
        for finding in _findings(scope, heads):
            found += 1
            report.finding(finding)
        report.end(scope, found, len(heads), time.monotonic() - started)
        if scope == Scope():
            last_runs.ended("audit", went_well=not found)
        if found:
            sys.exit(1)


def _findings(scope: Scope, heads: list[SavedHead]) -> Iterator[Finding]:
    bars = partial(tqdm, disable=None, leave=False)
    yield from findings_since(heads)
    for check in CHECKS:
        yield from check(scope, bars)


def _read(file: str, scope: Scope) -> list[SavedHead]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    heads = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            heads.append(SavedHead.parse(line))
        except ValueError as error:
            raise CommandError(f"{file}, line {number}: {error}.") from error
    heads = [head for head in heads if scope.org_id in (None, head.org_id)]
    if not heads:
        raise CommandError(f"{file} holds no saved head of what is to be audited.")
    return heads


class _Sentences:
    """For people."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.slugs: dict[int, str] = {}

    def slug(self, org_id: int | None) -> str | None:
        if org_id is not None and org_id not in self.slugs:
            slug = Organization.objects.filter(pk=org_id).values_list("slug", flat=True).first()
            self.slugs[org_id] = slug or f"organization {org_id}"
        return None if org_id is None else self.slugs[org_id]

    def write(self, line: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr):
            self.command.stdout.write(line)

    def finding(self, finding: Finding) -> None:
        place = " ".join(
            str(part) for part in (self.slug(finding.org_id), finding.position) if part is not None
        )
        self.write(f"{place or 'everywhere'}: {finding.message} [{finding.code}]")

    def end(self, scope: Scope, found: int, heads: int, seconds: float) -> None:
        events = scope.events().count()
        what = f"{events:,} events" + (f" and {heads:,} saved heads" if heads else "")
        self.write(f"Audited {what} in {seconds:,.1f} s: {_count(found)}.")


class _Lines(_Sentences):
    """For programs: JSON Lines."""

    def finding(self, finding: Finding) -> None:
        fields = {"position": finding.position, "code": finding.code, "message": finding.message}
        self.write(json.dumps({"org": self.slug(finding.org_id), "org_id": finding.org_id} | fields))

    def end(self, scope: Scope, found: int, heads: int, seconds: float) -> None:
        counts = {"findings": found, "events": scope.events().count(), "heads": heads}
        self.write(json.dumps(counts | {"seconds": round(seconds, 1)}))


def _count(found: int) -> str:
    return "nothing is wrong" if found == 0 else "1 finding" if found == 1 else f"{found:,} findings"
