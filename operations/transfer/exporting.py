"""An organization's data as lines: its log as it was written, the people of whom it speaks, and what its members did
with their notifications. What can be derived from these is left out."""

import hashlib
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from msgspec import Raw

from base.errors import DomainError
from base.one_moment import one_moment
from base.release import VERSION
from events.archive import files as archive_files
from events.archive.receipts import file_name, receipts_of
from events.chain import EventRow, rows_after
from events.digests import canonical
from events.findings import Bars
from events.models import ArchiveJoint, LogHead, TaskEvent
from events.origins import origins_of
from events.people_in_details import people_in, speaking_actions
from events.saved_heads import SavedHead
from inbox.models import Notification
from membership.subject import stream_of
from operations.transfer import lines
from orgs.models import Membership, User
from orgs.models import Organization as OrganizationRow

CHUNK = 2_000


class CannotExport(DomainError):
    """There is no export; the message says why."""

    code = "cannot_export"
    status = 409


class Options(NamedTuple):
    with_addresses: bool = False
    archive: Path | None = None


def export(organization: OrganizationRow, options: Options, bars: Bars) -> Generator[bytes, None, None]:
    """Make the lines, of one moment whatever is written meanwhile. Raises CannotExport, files.UnusableFile, OSError."""
    digest = hashlib.sha256()
    counts = dict.fromkeys(("people", "events", "texts", "notifications"), 0)
    with one_moment():
        for shape in _shapes(organization, options, bars):
            counts["people"] += isinstance(shape, lines.Person)
            counts["events"] += isinstance(shape, lines.Event)
            counts["texts"] += isinstance(shape, lines.Event) and shape.text is not None
            counts["notifications"] += isinstance(shape, lines.Notification)
            line = lines.written(shape)
            digest.update(line)
            yield line
    yield lines.written(lines.End(digest=digest.hexdigest(), **counts))


def _shapes(organization: OrganizationRow, options: Options, bars: Bars) -> Iterator[lines.Shape]:
    head = LogHead.objects.filter(pk=organization.pk).first() or LogHead(organization=organization)
    there = TaskEvent.objects.filter(organization=organization).count()
    archived = [] if options.archive is None else _archived_files(organization.pk, options.archive)
    yield _header(organization, head, 0 if archived else head.position - there)
    with bars(desc="Exported", unit=" events", total=head.position) as bar:
        yield from _people(organization.pk, _speaking(organization.pk, archived), options)
        for shape in _events(organization.pk, head.position, archived):
            bar.update()
            yield shape
        yield from _notifications(organization.pk)


def _header(organization: OrganizationRow, head: LogHead, missing: int) -> lines.Header:
    now = timezone.now()
    saved = SavedHead(now, organization.slug, organization.pk, head.position, head.digest)
    return lines.Header(
        format=lines.FORMAT,
        release=VERSION,
        installation=settings.SITE_URL,
        made_at=now,
        organization=lines.Organization(
            id=organization.pk,
            name=organization.name,
            short_name=organization.slug,
            stream=str(stream_of(organization.pk)),
        ),
        position=head.position,
        digest=head.digest,
        head=saved.line() if head.position else "",
        origins=[
            lines.WrittenElsewhere(upto=upto, organization=number)
            for upto, number in origins_of(organization.pk).organizations()
        ],
        missing=missing,
    )


def _people(organization_id: int, ids: set[int], options: Options) -> Iterator[lines.Person]:
    """Give the members, and everybody else of whom the log or an inbox speaks."""
    roles = dict(Membership.objects.filter(organization=organization_id).values_list("user_id", "role"))
    wanted = sorted(ids | roles.keys())
    for start in range(0, len(wanted), CHUNK):
        for user in User.objects.filter(pk__in=wanted[start : start + CHUNK]).order_by("pk"):
            yield lines.Person(
                id=user.pk,
                user_name=user.username,
                name=user.display_name,
                email=user.email if options.with_addresses else "",
                role=roles.get(user.pk, ""),
                closed=not user.is_active,
                erased=user.erased_at is not None,
            )


def _speaking(organization_id: int, archived: Iterable[Path]) -> set[int]:
    """Find of whom the log and the inboxes speak."""
    log = TaskEvent.objects.filter(organization=organization_id).order_by()
    found = set(log.values_list("actor_id", flat=True).distinct())
    told = Notification.objects.filter(organization=organization_id)
    found |= set(told.order_by().values_list("recipient_id", flat=True).distinct())
    speaking = log.filter(action__in=speaking_actions()).values_list("action", "details")
    for action, details in speaking.iterator(chunk_size=CHUNK):
        found |= people_in(action, details)
    for line in _lines_of(archived):
        found |= {line.event["actor"], *people_in(line.event["action"], line.event["details"])}
    return found


def _events(organization_id: int, upto: int, archived: list[Path]) -> Iterator[lines.Event | lines.Archived]:
    """Give the log in order. What has left the database comes from the files of the archive, where there are any."""
    position, left = 0, _lines_of(archived)
    for event in _rows(organization_id, upto):
        at = event[0]
        if at > position + 1 and archived:
            for line in left:
                if line.position > position:
                    yield _of_archive(line)
                    position = line.position
                if position == at - 1:
                    break
        elif at > position + 1:
            yield _gap(organization_id, position + 1, at - 1)
        yield event[1]
        position = at


def _rows(organization_id: int, upto: int) -> Iterator[tuple[int, lines.Event]]:
    origins, position = origins_of(organization_id), 0
    while rows := rows_after(organization_id, position, upto):
        for row in rows:
            if not isinstance(row, EventRow):
                raise CannotExport(
                    f"Position {row.position:,} cannot be read: {row.why}. `audit_history` says more."
                )
            text = (
                None if row.nonce is None or row.body is None else lines.Text(nonce=row.nonce, body=row.body)
            )
            written = Raw(canonical(origins.as_written(row)))
            yield row.position, lines.Event(digest=row.digest, event=written, text=text)
        position = rows[-1].position


def _gap(organization_id: int, first: int, last: int) -> lines.Archived:
    joint = ArchiveJoint.objects.filter(organization=organization_id, position=last).first()
    if joint is None:
        raise CannotExport(
            f"Positions {first:,} to {last:,} are missing from the log. `audit_history` says more; "
            "restore a backup in which it finds nothing."
        )
    return lines.Archived(first=first, last=last, digest=joint.digest)


def _archived_files(organization_id: int, directory: Path) -> list[Path]:
    """Find the files that the receipts name. Raises CannotExport where one is another, files.UnusableFile, OSError."""
    paths = []
    for receipt in receipts_of(organization_id):
        path = directory / file_name(organization_id, receipt.fact.first, receipt.fact.upto)
        if archive_files.verified(path).digest != receipt.fact.file:
            raise CannotExport(f"{path.name} is not the file that the receipt in the log names.")
        paths.append(path)
    return paths


def _lines_of(paths: Iterable[Path]) -> Iterator[archive_files.Line]:
    for path in paths:
        yield from archive_files.opened(path)[1]


def _of_archive(line: archive_files.Line) -> lines.Event:
    text = None if line.text is None else lines.Text(nonce=line.text.nonce, body=line.text.body)
    return lines.Event(digest=line.digest, event=Raw(line.canonical()), text=text)


def _notifications(organization_id: int) -> Iterator[lines.Notification]:
    rows: QuerySet[Notification] = Notification.objects.filter(organization=organization_id)
    columns = ("recipient_id", "event__position", "reason", "state", "read_at", "snoozed_until")
    found = rows.order_by("recipient_id", "event_id").values_list(*columns)
    for recipient, position, reason, state, read_at, snoozed_until in found.iterator(chunk_size=CHUNK):
        yield lines.Notification(
            recipient=recipient,
            position=position,
            reason=reason,
            state=state,
            read_at=read_at,
            snoozed_until=snoozed_until,
        )
