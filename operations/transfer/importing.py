"""An export becomes an organization of this installation: all of it, in one transaction that ends with an audit, or
nothing. The log goes on where it ended; what its digests cover, a fact of the log says (`events/import_facts.py`)."""

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from django.db import DataError, IntegrityError
from tqdm import tqdm

from base.errors import Invalid
from base.transactions import write_transaction
from events import importing as log_importing
from events.digests import Hashed, read_canonical
from events.findings import CHECKS, Bars, Scope
from events.import_facts import Brought, LogImported
from events.models import ArchivedStream, LogHead, TaskEvent
from events.people_in_details import renumbered
from followers.batches import begin_at_heads
from followers.register import FOLLOWERS
from inbox import importing as inbox_importing
from membership import importing as membership_importing
from membership.subject import stream_of
from operations.transfer import files, lines
from operations.transfer.checking import CannotImport, Checked, Segment, check
from operations.transfer.people import accounts
from orgs.models import Organization, User
from tasks.rebuild import rebuild

CHUNK = 1_000


class Wanted(NamedTuple):
    """How it is to be done here."""

    short_name: str
    mapped: Mapping[int, User]
    actor: User
    keep_members: bool = False


def checked(path: Path, bars: Bars) -> Checked:
    """Verify a whole file, and that it is not here yet. Raises CannotImport, OSError."""
    with bars(desc="Verified", unit=" lines", total=None) as bar:
        found = check(files.read(path), bar)
    _refuse_known(path, found)
    return found


def import_organization(path: Path, found: Checked, wanted: Wanted, bars: Bars) -> Organization:
    """Write what was checked. Raises CannotImport, OSError; then nothing is written."""
    try:
        with write_transaction():
            organization, head = membership_importing.begin(found.header.organization.name, wanted.short_name)
            numbers = accounts(found.people, wanted.mapped)
            with bars(desc="Imported", unit=" lines", total=_lines(found)) as bar:
                _Writing(found, organization, head, numbers, bar).write(path)
            _rebuild(organization.pk, bars)
            _let_followers_begin(head)
            membership_importing.record(organization, head, _fact(found, organization, numbers), wanted.actor)
            if wanted.keep_members:
                membership_importing.join(organization, head, wanted.actor, _members(found, wanted.mapped))
            _audit(organization.pk, bars)
    except Invalid as error:
        raise CannotImport(f"{error.message} Say another short name with --slug.") from error
    except (DataError, IntegrityError) as error:
        raise CannotImport(f"The database refuses it, so nothing was imported: {error}.") from error
    return organization


def _lines(found: Checked) -> int:
    return found.end.people + found.end.events + found.end.notifications + 2


def _refuse_known(path: Path, found: Checked) -> None:
    """Refuse a log that is here already, whole or by its beginning, as a log of its own or imported."""
    header = found.header
    told = TaskEvent.objects.filter(action=LogImported.action, details__head=header.digest)
    own = LogHead.objects.filter(organization_id=header.organization.id, digest=header.digest)
    known = told.values_list("organization__slug", flat=True).first()
    known = known or own.values_list("organization__slug", flat=True).first() or _of_same_streams(path, found)
    if known:
        raise CannotImport(f"This history is here already, as the organization '{known}'.")


def _of_same_streams(path: Path, found: Checked) -> str | None:
    own = {str(segment.stream) for segment in found.segments}  # computed of a number, which is another's here
    begun = (
        event["stream"] for event in _events(path) if event["version"] == 1 and event["stream"] not in own
    )
    while some := list(islice(begun, CHUNK)):
        for model, more in ((TaskEvent, {"version": 1}), (ArchivedStream, {})):
            here = model.objects.filter(stream_id__in=some, **more).order_by()
            if slug := here.values_list("organization__slug", flat=True).first():
                return str(slug)
    return None


def _events(path: Path) -> Iterator[dict[str, Any]]:
    return (read.event for read in map(lines.read, files.read(path)) if read.event is not None)


class _Writing:
    """Under the lock of the log's head, which stands at 0 until all events are there."""

    def __init__(
        self,
        found: Checked,
        organization: Organization,
        head: LogHead,
        numbers: Mapping[int, int],
        bar: "tqdm[None]",
    ) -> None:
        self.found, self.organization, self.head, self.bar = found, organization, head, bar
        self.numbers = numbers
        self.stream = stream_of(organization.pk)
        self.here = {
            segment.upto: {there: numbers[person] for there, person in segment.people.items()}
            for segment in found.segments
        }
        self.event_ids = array("q", [0])  # by position
        self.whole = hashlib.sha256()

    def write(self, path: Path) -> None:
        rest = self._read(path)
        while some := list(islice(rest, CHUNK)):
            events = [self._event(read) for read in some if read.event is not None]
            if events:
                self.event_ids.extend(log_importing.take(self.head, events))
            told = [each.notification for each in some if each.notification]
            if told:
                inbox_importing.take(self.organization.pk, map(self._notification, told))
            self.bar.update(len(some))
        if self.whole.hexdigest() != self.found.end.digest:
            raise CannotImport("The file was changed while it was read, so nothing was imported.")
        log_importing.end_at(self.head, self.found.header.position, self.found.header.digest)

    def _read(self, path: Path) -> Iterator[lines.Line]:
        for line in files.read(path):
            read = lines.read(line)
            if not read.end:
                self.whole.update(line)
            yield read

    def _event(self, read: lines.Line) -> log_importing.Arriving:
        event = read_canonical(read.event or {})
        text = (read.text.nonce, read.text.body) if read.text else None
        here = self._here(event, self.found.segment_at(event.position))
        return log_importing.Arriving(here, read.digest or "", text)

    def _here(self, event: Hashed, segment: Segment) -> Hashed:
        numbers = self.here[segment.upto]
        return msgspec.structs.replace(
            event,
            organization_id=self.organization.pk,
            actor_id=numbers[event.actor_id],
            details=renumbered(event.action, event.details, numbers),
            stream_id=self.stream if event.stream_id == segment.stream else event.stream_id,
        )

    def _notification(self, told: lines.Notification) -> inbox_importing.Arriving:
        return inbox_importing.Arriving(
            self.numbers[told.recipient],
            self.event_ids[told.position],
            told.reason,
            told.state,
            told.read_at,
            told.snoozed_until,
        )


def _rebuild(organization_id: int, bars: Bars) -> None:
    if rebuild(organization_id, bars).unreadable:
        raise CannotImport("The log tells of tasks that are not told in order, so nothing was imported.")


def _let_followers_begin(head: LogHead) -> None:
    """Have those that tell people begin at the end of what was brought. All others take the log from its start."""
    for follower in FOLLOWERS.values():
        if not follower.takes_anew:
            begin_at_heads(follower.name, [head])


def _fact(found: Checked, organization: Organization, numbers: Mapping[int, int]) -> LogImported:
    header = found.header
    return LogImported(
        upto=header.position,
        head=header.digest,
        installation=header.installation,
        organization=header.organization.id,
        stream=header.organization.stream,
        short_name=organization.slug,
        brought=[Brought(number, numbers[number], person.role) for number, person in found.people.items()],
    )


def _members(found: Checked, mapped: Mapping[int, User]) -> dict[int, str]:
    """Find who is to be a member here, owners first: accounts that are open, by their role there."""
    roles = {
        user.pk: found.people[number].role
        for number, user in mapped.items()
        if user.is_active and found.people[number].role
    }
    return dict(sorted(roles.items(), key=lambda each: each[1] != "owner"))


def _audit(organization_id: int, bars: Bars) -> None:
    for audit in CHECKS:
        for finding in audit(Scope(organization_id), bars):
            where = f" (position {finding.position:,})" if finding.position else ""
            raise CannotImport(
                f"The audit of what came refuses it, so nothing was imported: {finding.message}{where}."
            )
