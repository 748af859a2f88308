"""A walk along one organization's log, position by position: what of each event does not hold. It reads a chunk at a
time and makes no model instances: an audit of a million events takes a minute, and no more memory than one of ten."""

import uuid
from collections.abc import Iterator, Sequence

import msgspec
from django.db import DatabaseError, Error, OperationalError, connection
from django.db.models import Q

from events import facts
from events.archive.facts import ArchivedTextsErased
from events.digests import GENESIS, Hashed, digest
from events.erasure import Erasures
from events.findings import Finding
from events.models import ArchiveJoint, TaskEvent
from events.origins import Origins, origins_of
from events.subjects import subject_of
from events.texts import TextState, text_digest, text_state

CHUNK = 2_000


class EventRow(Hashed):
    """An event as the log has it, with the text beside it."""

    id: int
    digest: str
    nonce: str | None
    body: str | None

    @property
    def fact(self) -> facts.Fact:
        return facts.read(self.action, self.schema_version, self.details, self.body)


class Unreadable(msgspec.Struct):
    """SQLite holds any value in any column: of this event one cannot even be read."""

    position: int
    digest: str
    why: str


COLUMNS = [*EventRow.__struct_fields__[:-2], "text__nonce", "text__body"]

UNREADABLE = (ValueError, TypeError, DatabaseError)


def require_database(error: Exception) -> None:
    """Raise the error again where a database is away; of a value that cannot be read the audit tells. SQLite says
    both in the same words."""
    if isinstance(error, OperationalError):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            raise error from None


def rows_after(org_id: int, position: int, until: int) -> list[EventRow | Unreadable]:
    """Read the next chunk in order, up to and with `until`; empty at the end."""
    events = TaskEvent.objects.filter(organization_id=org_id, position__gt=position, position__lte=until)
    events = events.order_by("position")
    try:
        return [EventRow(*values) for values in events.values_list(*COLUMNS)[:CHUNK]]
    except UNREADABLE as error:
        require_database(error)
        return [_alone(*place) for place in list(events.values_list("pk", "position", "digest")[:CHUNK])]


def _alone(pk: int, position: int, stored: str) -> EventRow | Unreadable:
    try:
        return EventRow(*TaskEvent.objects.values_list(*COLUMNS).get(pk=pk))
    except UNREADABLE as error:
        require_database(error)
        return Unreadable(position, stored, str(error))


class Walk:
    """Where it stands: at `position`, whose event has `digest`. Each alteration is reported once: the walk goes on from
    the digest that stands there."""

    def __init__(
        self, org_id: int, position: int = 0, digest: str = GENESIS, origins: Origins | None = None
    ) -> None:
        self.org_id = org_id
        self.origins = origins_of(org_id) if origins is None else origins
        self.position = position
        self.digest = digest
        self.computed: str | None = None  # what the digest should be
        self.ids = (0, 0)  # of the last two events
        self.erasures: dict[uuid.UUID, Erasures] = {}
        self.joints: dict[
            int, str
        ] = {}  # in the chunk that is walked: the digests where events left for the archive
        self.in_files: dict[tuple[str, int], str] | None = None  # once it is asked for
        self.left = 0  # how many have been passed that left

    def along(self, rows: Sequence[EventRow | Unreadable], archived: int) -> Iterator[Finding]:
        """Take a chunk. Up to the position `archived`, events may have left for the archive."""
        self.joints = {}
        if self.position < archived:
            joints = ArchiveJoint.objects.filter(
                organization_id=self.org_id, position__gt=self.position, position__lt=rows[-1].position
            )
            self.joints = dict(joints.values_list("position", "digest"))
        for row in rows:
            yield from self.step(row)

    def step(self, row: EventRow | Unreadable) -> Iterator[Finding]:
        if row.position > self.position + 1 and row.position - 1 in self.joints:
            self.left += row.position - 1 - self.position
            self.position, self.computed = row.position - 1, None
            self.digest = self.joints[self.position]
        follows = row.position == self.position + 1
        if not follows:
            yield self._hole(row.position)
        computed = None
        if isinstance(row, Unreadable):
            yield self._finding(row, "unreadable", f"a value cannot be read: {row.why}")
        else:
            computed = self._digest(self.digest, row)
            if computed == row.digest or not follows or self._was_chained(row):
                yield from self._content(row)
            else:
                yield self._finding(row, *ALTERED)
            yield from self._id_order(row)
        self.position, self.digest, self.computed = row.position, row.digest, computed

    def _was_chained(self, row: EventRow) -> bool:
        """Say whether it follows on what the digest before it was, where that one alone was changed: it has been
        reported."""
        return self.computed is not None and self._digest(self.computed, row) == row.digest

    def _digest(self, previous: str, row: EventRow) -> str | None:
        """Compute it. None when the row holds what no event can hold."""
        try:
            return digest(previous, self.origins.as_written(row))
        except (ValueError, TypeError, AttributeError, OverflowError):
            return None

    def _id_order(self, row: EventRow) -> Iterator[Finding]:
        """Check that ids rise with positions: cursors and inboxes build on it. No digest covers them."""
        before, last = self.ids
        if row.id > last:
            self.ids = last, row.id
        elif row.id > before:  # so it is the one before that stands out
            self.ids = before, row.id
            message = f"the event's id {last} is not in order: the next one's is {row.id}"
            yield Finding(self.org_id, self.position, "id_order", message)
        else:
            yield self._finding(
                row, "id_order", f"the event's id {row.id} is not in order: before it is {last}"
            )

    def _content(self, row: EventRow) -> Iterator[Finding]:
        """Check that what the digest vouches for can be read, and that the text beside it is the one that was
        written."""
        try:
            facts.decode(row.action, row.schema_version, row.details, row.body)
        except (facts.CannotDecode, TypeError) as error:
            yield self._finding(row, "undecodable", f"this release cannot decode the event: {error}")
        if says := TEXTS.get(self._text_state(row)):
            yield self._finding(row, *says)
        yield from self._put_back(row)

    def _text_state(self, row: EventRow) -> TextState:
        """Ask what erasures say only where the text is not the one that was written."""
        state = _judge(row, None)
        if state in TEXTS and (known := self.erasures.get(row.stream_id)):
            state = _judge(row, known)
        if state in TEXTS:
            row, found = _as_it_is_now(row)
            if len(self.erasures) >= CHUNK:
                self.erasures.clear()
            self.erasures[row.stream_id] = found
            state = _judge(row, found)
        return TextState.ERASED if state in TEXTS and self._taken_in_files(row) else state

    def _taken_in_files(self, row: EventRow) -> bool:
        """Say whether the text was erased, or replaced so, in a file of an archive from which the log was brought
        here."""
        if not self.origins:
            return False
        if self.in_files is None:
            self.in_files = taken_in_files(self.org_id)
        found = "" if row.nonce is None or row.body is None else text_digest(row.nonce, row.body)
        return self.in_files.get((str(row.stream_id), row.version)) == found

    def _put_back(self, row: EventRow) -> Iterator[Finding]:
        """Report what an erasure took and is there again: as it was written it would pass for proved."""
        if row.action != facts.TextsErased.action or not isinstance(row.fact, facts.TextsErased):
            return
        named = {*row.fact.erased, *(each.version for each in row.fact.redacted)}
        events = TaskEvent.objects.filter(organization_id=self.org_id, stream_id=row.stream_id)
        there = events.filter(version__in=named, text__isnull=False)
        for other in [EventRow(*values) for values in there.order_by("position").values_list(*COLUMNS)]:
            if _judge(other, None) == TextState.PROVED:
                now, erasures = _as_it_is_now(other)
                if _judge(now, erasures) == TextState.ALTERED:
                    yield self._finding(other, "text_altered", "its text was erased, and is there again")

    def _hole(self, position: int) -> Finding:
        if position <= self.position:
            return Finding(self.org_id, position, "position_twice", f"position {position} is there twice")
        return missing_positions(self.org_id, self.position + 1, position - 1)

    def _finding(self, row: EventRow | Unreadable, code: str, message: str) -> Finding:
        where = ""
        if isinstance(row, EventRow):
            where = f"{subject_of(row).name} {row.task_number}, version {row.version}: "
        return Finding(self.org_id, row.position, code, where + message)


ALTERED = (
    "event_altered",
    "the event does not match its digest: one of its fields, or the digest, was changed",
)
TEXTS = {
    TextState.ALTERED: ("text_altered", "the text beside it is not the one that was written"),
    TextState.MISSING: ("text_missing", "the text beside it is gone, and no erasure names it"),
}


def taken_in_files(org_id: int) -> dict[tuple[str, int], str]:
    """Gather what erasures in files of the archive say: stream and version -> the digest of the text that stands there
    since, empty for none."""
    events = TaskEvent.objects.filter(organization_id=org_id, action=ArchivedTextsErased.action)
    return {
        (text.stream, text.version): text.sha256
        for event in sorted(events.order_by(), key=lambda event: event.position)
        if isinstance(event.fact, ArchivedTextsErased)
        for text in event.fact.texts
    }


def _judge(row: EventRow, erasures: Erasures | None) -> TextState:
    text = None if row.nonce is None or row.body is None else (row.nonce, row.body)
    taken = None if erasures is None else erasures.taken(row.version, row.actor_id)
    return text_state(row.action, row.details, text, taken)


def _as_it_is_now(row: EventRow) -> tuple[EventRow, Erasures]:
    """Read it with its stream's erasures, as one statement sees both: one may have been made just now."""
    stream = TaskEvent.objects.filter(organization_id=row.organization_id, stream_id=row.stream_id)
    found = stream.filter(Q(pk=row.id) | Q(action=facts.TextsErased.action)).order_by("version")
    rows = [EventRow(*values) for values in found.values_list(*COLUMNS)]
    now = next((each for each in rows if each.id == row.id), row)
    return now, Erasures((each.actor_id, each.fact) for each in rows)


def missing_positions(org_id: int, first: int, last: int, why: str = "") -> Finding:
    which = f"position {first} is" if first == last else f"positions {first} to {last} are"
    return Finding(org_id, first, "position_missing", f"{which} missing{why}")
