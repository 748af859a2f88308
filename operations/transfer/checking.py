"""Everything that an export vouches for, looked at before any of it is written: the form of each line, the chain, who
is spoken of, the texts, and the end."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from tqdm import tqdm

from base.errors import DomainError
from events import facts
from events.archive.facts import ArchivedTextsErased
from events.digests import GENESIS, Hashed, canonical, read_canonical
from events.digests import digest as digest_of
from events.facts import TextsErased, sealed_digest
from events.import_facts import LogImported
from events.people_in_details import people_in
from events.texts import text_digest
from inbox.states import State
from operations.transfer import lines
from operations.transfer.files import UnusableFile
from orgs.models import Membership
from orgs.names import fault_of_name, name_key

STATES = frozenset(State)

# A text of an event, by its stream and version.
Place = tuple[uuid.UUID, int]


class CannotImport(DomainError):
    """Nothing is imported; the message says why."""

    code = "cannot_import"
    status = 409


@dataclass
class Segment:
    """A part of the log that was written in one installation: up to a position, with its own numbers of the
    organization and of people, and its own stream of the organization."""

    upto: int
    organization: int
    stream: uuid.UUID
    people: dict[int, int] = field(default_factory=dict)  # there -> in this file
    spoken_of: dict[int, int] = field(default_factory=dict)  # there -> the line that speaks of them first


@dataclass
class Checked:
    """An export in which everything fits."""

    header: lines.Header
    people: dict[int, lines.Person]
    segments: list[Segment]
    end: lines.End

    def segment_at(self, position: int) -> Segment:
        return next(segment for segment in self.segments if position <= segment.upto)


def check(found: Iterable[bytes], bar: "tqdm[None]") -> Checked:
    """Read all lines. Raises CannotImport that says which line does not fit."""
    checking, number = _Checking(), 0
    try:
        for number, line in enumerate(found, start=1):
            checking.take(number, line)
            bar.update()
        return checking.finish()
    except UnusableFile as error:
        raise CannotImport(f"The file {error}, after line {number:,}.") from error
    except (ValueError, RecursionError) as error:
        raise CannotImport(f"Line {number:,}: {error}.") from error


class _Checking:
    def __init__(self) -> None:
        self.whole = hashlib.sha256()
        self.header: lines.Header | None = None
        self.people: dict[int, lines.Person] = {}
        self.user_names: set[str] = set()
        self.events = self.texts = self.notifications = 0
        self.position, self.digest = 0, GENESIS
        self.told = (0, 0)  # whom the last notification tells, and of which position
        self.segments: list[Segment] = []
        self.imports: list[LogImported] = []
        self.spoken_of: dict[int, int] = {}
        self.versions: dict[uuid.UUID, int] = {}
        self.other_texts: dict[Place, tuple[str, int]] = {}
        self.taken: dict[Place, str] = {}  # by erasures: the digests of what stands there, "" for nothing
        self.end: lines.End | None = None

    def take(self, number: int, line: bytes) -> None:
        """Check a line against those before it. Raises ValueError."""
        read = lines.read(line)
        if self.end:
            raise ValueError("it comes after the end")
        if (self.header is None) != (read.header is not None):
            raise ValueError("an export begins with its header, and has no other")
        if read.end:
            self._end(read.end)
            return
        self.whole.update(line)
        if read.header:
            self._header(read.header)
        elif read.person:
            self._person(read.person)
        elif read.archived:
            raise ValueError(
                "from here on events are in an archive. Export with --archive DIR, so that the file has them"
            )
        elif read.notification:
            self._notification(read.notification)
        elif read.event is not None and read.digest is not None:
            self._event(number, read_canonical(read.event), read)
        else:
            raise ValueError("this release does not know such a line")

    def finish(self) -> Checked:
        """Check what only the whole file can tell. Raises ValueError."""
        if self.header is None or self.end is None:
            raise ValueError("the file ends before its end: it is not whole")
        for place, (sha256, number) in self.other_texts.items():
            if self.taken.get(place) != sha256:
                raise ValueError(
                    f"the text beside the event at line {number:,} is not the one that was written"
                )
        self._connect(self.header)
        return Checked(self.header, self.people, self.segments, self.end)

    def _header(self, header: lines.Header) -> None:
        if header.format != lines.FORMAT:
            raise ValueError(
                f"its format is {header.format}, and this release, which reads {lines.FORMAT}, does not know it"
            )
        if header.missing:
            raise ValueError(
                f"{header.missing:,} events are in an archive. Export with --archive DIR, so that the file has them"
            )
        if fault := fault_of_name(header.organization.name):
            raise ValueError(fault.rstrip("."))
        if not header.position:
            raise ValueError("the log is empty, so there is nothing to import")
        self.header = header

    def _person(self, person: lines.Person) -> None:
        if person.id in self.people:
            raise ValueError(f"person {person.id} is there twice")
        key = name_key(person.user_name)
        if key in self.user_names:  # a map could mean either
            raise ValueError(f"two people have the user name '{person.user_name}'")
        if person.role and person.role not in Membership.Role.values:
            raise ValueError(f"there is no role '{person.role[:40]}'")
        self.user_names.add(key)
        if fault := fault_of_name(person.name):
            raise ValueError(fault.rstrip("."))
        self.people[person.id] = person

    def _event(self, number: int, event: Hashed, read: lines.Line) -> None:
        self._place(event, self._segment(event))
        if event.position != self.position + 1:
            raise ValueError(
                f"position {event.position:,} stands where position {self.position + 1:,} should be"
            )
        if canonical(event) != lines.canonical_in(read) or digest_of(self.digest, event) != read.digest:
            raise ValueError(
                f"the chain breaks at position {event.position:,}: it, or one before, was changed"
            )
        fact = self._fact(event, read.text)
        self._version(event, fact)
        for user_id in (event.actor_id, *people_in(event.action, event.details)):
            self.spoken_of.setdefault(user_id, number)
        self._text(number, event, read.text)
        self._erasure(event, fact)
        self.position, self.digest = event.position, read.digest or ""
        self.events += 1
        self.texts += read.text is not None

    def _segment(self, event: Hashed) -> int:
        """Find the number that the organization had where the event was written."""
        assert self.header  # noqa: S101
        numbers = (each.organization for each in self.header.origins if event.position <= each.upto)
        return next(numbers, self.header.organization.id)

    def _place(self, event: Hashed, organization: int) -> None:
        if event.organization_id != organization:
            raise ValueError(f"the event is of organization {event.organization_id}, not of {organization}")
        if "\0" in event.subject or _has_null(event.details):
            raise ValueError("it has a character that no database keeps (NUL)")

    def _fact(self, event: Hashed, text: lines.Text | None) -> facts.Fact:
        if text is not None and "\0" in text.body:
            raise ValueError("its text has a character that no database keeps (NUL)")
        try:
            return facts.decode(
                event.action, event.schema_version, event.details, text.body if text else None
            )
        except facts.CannotDecode as error:
            raise ValueError(f"this release cannot read the event: {error}. Is it of a newer one?") from error

    def _version(self, event: Hashed, fact: facts.Fact) -> None:
        if isinstance(fact, LogImported):
            self._begin_segment(event, fact)
        expected = self.versions.get(event.stream_id, 0) + 1
        if event.version != expected:
            raise ValueError(f"version {event.version} stands where version {expected} should be")
        self.versions[event.stream_id] = event.version

    def _begin_segment(self, event: Hashed, fact: LogImported) -> None:
        """Close the part that was brought to where this event was written."""
        if (fact.upto, fact.head) != (self.position, self.digest):
            raise ValueError("it tells of another log that was brought here")
        stream = uuid.UUID(fact.stream)
        self.segments.append(Segment(fact.upto, fact.organization, stream, spoken_of=self.spoken_of))
        self.imports.append(fact)
        self.spoken_of = {}
        self.versions[event.stream_id] = self.versions.pop(stream, 0)

    def _text(self, number: int, event: Hashed, text: lines.Text | None) -> None:
        found = "" if text is None else text_digest(text.nonce, text.body)
        if found != (sealed_digest(event.action, event.details) or ""):
            self.other_texts[event.stream_id, event.version] = found, number

    def _erasure(self, event: Hashed, fact: facts.Fact) -> None:
        if isinstance(fact, TextsErased):
            self.taken |= {(event.stream_id, version): "" for version in fact.erased}
            self.taken |= {(event.stream_id, each.version): each.sha256 for each in fact.redacted}
        if isinstance(fact, ArchivedTextsErased):
            self.taken |= {(uuid.UUID(each.stream), each.version): each.sha256 for each in fact.texts}

    def _notification(self, told: lines.Notification) -> None:
        if told.recipient not in self.people:
            raise ValueError(f"it tells person {told.recipient}, of whom the file does not speak")
        if told.state not in STATES:
            raise ValueError(f"there is no state {told.state} of a notification")
        if any(moment and moment.tzinfo is None for moment in (told.read_at, told.snoozed_until)):
            raise ValueError("a moment does not say its zone")
        if told.position > self.position:
            raise ValueError(f"it tells of position {told.position:,}, which the log does not have")
        if (told.recipient, told.position) <= self.told:
            raise ValueError("it is there twice, or not in its order")
        self.told = told.recipient, told.position
        self.notifications += 1

    def _end(self, end: lines.End) -> None:
        assert self.header  # noqa: S101
        counts = (len(self.people), self.events, self.texts, self.notifications)
        if (end.people, end.events, end.texts, end.notifications) != counts:
            raise ValueError("lines are missing, or there are too many: the counts at the end are others")
        if end.digest != self.whole.hexdigest():
            raise ValueError("the file was changed: its digest at the end does not fit")
        if (self.position, self.digest) != (self.header.position, self.header.digest):
            raise ValueError(f"the log ends at position {self.position:,}, and by the header elsewhere")
        self.end = end

    def _connect(self, header: lines.Header) -> None:
        """Say of all segments who is who in this file."""
        stream = uuid.UUID(header.organization.stream)
        last = Segment(self.position, header.organization.id, stream, spoken_of=self.spoken_of)
        last.people = {person: person for person in self.people}
        self.segments.append(last)
        said = [(segment.upto, segment.organization) for segment in self.segments[:-1]]
        if said != [(each.upto, each.organization) for each in header.origins]:
            raise ValueError("its header tells otherwise than its log where the log came from")
        for earlier, fact, later in zip(
            self.segments[-2::-1], self.imports[::-1], self.segments[:0:-1], strict=True
        ):
            earlier.people = {
                each.origin: later.people[each.user_id]
                for each in fact.brought
                if each.user_id in later.people
            }
        for segment in self.segments:
            for person, number in segment.spoken_of.items():
                if person not in segment.people:
                    raise ValueError(f"line {number:,} speaks of person {person}, who is not in the file")


def _has_null(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return isinstance(value, list) and any(map(_has_null, value))
