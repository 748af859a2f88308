"""The oldest part of a log goes to a file, and what is over leaves the database with a receipt in the log, in one
transaction: interrupted at any moment, a part has gone whole or not at all."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
from django.utils import timezone
from tqdm import tqdm

from base.announcements import org_group_name
from base.errors import DomainError
from base.statements import run
from base.transactions import write_transaction
from events import log
from events.archive import files
from events.archive.cutting import Over, cut_of, over_by, remove, still_over
from events.archive.facts import LogArchived
from events.archive.holds import furthest_behind
from events.archive.receipts import archived_upto, receipts_of
from events.chain import EventRow, rows_after
from events.digests import GENESIS
from events.findings import CHECKS, Scope
from events.models import LogHead
from events.origins import origins_of
from inbox.commands import announce_appended, lock_log
from membership.subject import end_of_stream
from orgs.models import Organization, User

PART = 10_000  # positions in a file: those who write to this log wait while its events leave
# The newest events stay whatever happens: whoever comes back to these is told each of them (`inbox/replay_plan.py`).
STAYING = 500


class CannotArchive(DomainError):
    """Nothing is archived; the message says why."""

    code = "cannot_archive"
    status = 409


class Archived(NamedTuple):
    """A part that is in the archive now."""

    path: Path
    header: files.Header
    streams: int
    removed: int


def archive(organization: Organization, upto: int, directory: Path, actor: User) -> Iterator[Archived]:
    """Archive the log up to a position, part by part. Raises CannotArchive, OSError and files.UnusableFile; what was
    archived before that stays so."""
    _require_possible(organization.pk, upto)
    _require_clean(organization.pk)
    while (first := archived_upto(organization.pk) + 1) <= upto:
        yield _part(organization, first, min(first + PART - 1, upto), directory, actor)


def furthest(organization_id: int) -> int:
    """Say up to which position the log can go to the archive."""
    head = LogHead.objects.filter(pk=organization_id).values_list("position", flat=True).first() or 0
    return max(0, head - STAYING)


def _require_possible(organization_id: int, upto: int) -> None:
    if upto <= (archived := archived_upto(organization_id)):
        gone = f"all up to position {archived:,} has left already" if archived else "the log is not that old"
        raise CannotArchive(f"There is nothing to archive: {gone}.")
    if upto > (most := furthest(organization_id)):
        raise CannotArchive(
            f"The newest {STAYING:,} events stay in the database, so position {most:,} is the last that can go."
        )
    behind = furthest_behind(organization_id)
    if behind and behind.position <= upto:
        raise CannotArchive(
            f"“{behind.name}” has taken the log up to position {behind.position:,} only. Let `manage.py follow` "
            "go on until it is further."
        )


def _require_clean(organization_id: int) -> None:
    bars = partial(tqdm, disable=None, leave=False)
    for check in CHECKS:
        for finding in check(Scope(organization_id), bars):
            raise CannotArchive(
                f"The history is not clean, so nothing was archived: {finding.message}. `audit_history` names all."
            )


def _part(organization: Organization, first: int, last: int, directory: Path, actor: User) -> Archived:
    path = files.path_of(directory, organization.pk, first, last)
    before = next((each.fact.after for each in reversed(receipts_of(organization.pk))), GENESIS)
    read = partial(_lines, organization.pk, first - 1, last)
    origins = origins_of(organization.pk).organizations()
    header = files.header_of(organization.slug, organization.pk, first, before, read(), origins)
    if not path.exists():
        files.write(path, header, read())
    elif (found := files.verified(path)) != msgspec.structs.replace(header, org=found.org):
        raise files.UnusableFile(f"{path.name} is there already, and holds something else")
    else:
        files.replace(path, header, read())  # with the texts of today: its digest does not cover them
    removed = _cut(organization.pk, header, over_by(organization.pk, last), actor)
    return Archived(path, header, removed.streams, removed.removed)


def _lines(organization_id: int, position: int, last: int) -> Iterator[files.Line]:
    origins = origins_of(organization_id)
    while rows := rows_after(organization_id, position, last):
        for row in rows:
            if not isinstance(row, EventRow):
                raise CannotArchive(f"Position {row.position:,} cannot be read: {row.why}.")
            yield files.Line.of(row, origins)
        position = rows[-1].position


def _cut(organization_id: int, header: files.Header, found: list[Over], actor: User) -> LogArchived:
    """Let what is over leave, as it is under the lock of the log's head, and append the receipt."""
    with write_transaction(org_group_name(organization_id)):
        locked = lock_log(organization_id, actor)
        if archived_upto(organization_id) != header.first - 1:
            raise CannotArchive("Somebody else archives this log just now. Let them come to an end.")
        cut = cut_of(organization_id, still_over(organization_id, header.last, found))
        fact = LogArchived(
            first=header.first,
            upto=header.last,
            before=header.before,
            after=header.after,
            file=header.digest,
            kept=cut.digest,
            streams=len(cut.streams),
            removed=len(cut.events),
        )
        place = end_of_stream(organization_id)
        entry = log.Entry(fact, locked.organization.name)
        now = timezone.now()
        save = log.saved(
            locked.head, place.stream_id, place.number, place.version, [entry], actor=actor, now=now
        )
        for event in save.events:
            event.organization = locked.organization
        run(*save.statements)
        remove(cut, save.events[0].position)
        run(log.head_moved(locked.head))
        announce_appended(locked.organization, save.events, from_rows=True)
    return fact
