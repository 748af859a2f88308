"""What events are about: each app registers its subject in `AppConfig.ready`, and everything below it, the log, the
inboxes, the sockets and the audit, asks here and knows no subject by name. Pure."""

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from events.facts import FACTS, Fact, TextsErased


class Recorded(Protocol):
    """What a fold reads of an event. `created_at` is only carried along; a rebuild has the database's own text."""

    organization_id: int
    task_number: int
    version: int
    actor_id: int
    created_at: Any

    @property
    def fact(self) -> Fact: ...


class OwnReason(NamedTuple):
    """Why somebody is told, beside the reasons that every subject has (`inbox/models.py`)."""

    code: str  # at most LONGEST_CODE characters
    label: str  # as an inbox says it of its owner: 'assigned to you'
    of_another: str  # as the audit says it of somebody: 'has the {about}', which is the subject's name
    direct: bool = False  # reaches even a member who muted the organization, or the stream
    kind: str = ""  # what people choose by: a Kind of `preferences/kinds.py`; none says it by `direct`
    # As it is told to its reader: of an event, `{actor} mentioned you in it`; of what is so now, `you watch it`.
    # `{organization}` is its name. What only an event can give has no `now`.
    of_reader: str = ""
    now: str = ""


# user id -> the code of the strongest reason
Participants = Mapping[int, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """The state that `evolve` gives is the subject's own, and nobody else looks into it: None before a stream's first
    event. `evolve` raises ValueError where the events are no story that this release can read."""

    name: str  # one word: a frame's `about`, and what people read
    facts: tuple[type[Fact], ...]
    key: str  # `{org}-{number}` gives ACME-12; `{org}` is the short name in capitals, `{name}` the organization's name
    page: str  # below the organization's address: `tasks/{number}/`
    evolve: Callable[[Any, Recorded], Any]
    # Who takes part and why: of a fact, the state before it and after it, and the people who watch the stream.
    participants: Callable[[Fact, Any, Any, Iterable[int]], dict[int, str]]
    reasons: tuple[OwnReason, ...] = ()
    # The state before a stream's first event, by organization: of what was there before the log told of it.
    begins: Callable[[int], Any] = lambda _: None
    # Make what is derived from a stream fit its events again, of which texts were taken: organization, stream.
    refresh: Callable[[int, uuid.UUID], None] | None = None
    event_page: str = ""  # its page opened at one event: `tasks/{number}/?event={event}#event-{event}`
    # Find the stream of a number: organization, number. None: its first event is looked for.
    stream_of: Callable[[int, int], uuid.UUID | None] | None = None
    # What is different after more events, in a few words each: a stream from its beginning, without what people wrote,
    # how many of its events had happened before, and names. None where it says only how many there were.
    differences: Callable[[Sequence[Recorded], int, Mapping[int, str]], list[str]] | None = None
    can_be_watched: bool = True  # its participants have the watchers among them
    # Of these streams of an organization, those that are over and may leave for the archive, each with the digest of
    # what was derived from it.
    archivable: Callable[[int, Collection[uuid.UUID]], dict[uuid.UUID, str]] | None = None
    past_page: str = ""  # where it is shown as it was: `tasks/{number}/?version={version}`
    boot: Mapping[str, Any] = field(default_factory=dict)  # words for the scripts of every page
    frame: type[Any] | None = None  # the struct of its frames, where they are of a kind of their own
    # Events that tell of no subject are taken for its: what a newer release added, and erasures from when it was alone.
    stands_in: bool = False

    def key_of(self, slug: str, name: str, number: int) -> str:
        """Write the key of a number in the organization with this short name and name."""
        return self.key.format(org=slug.upper(), name=name, number=number)

    def parsed_key(self, key: str) -> tuple[str, int] | None:
        """Read a key in any case into the organization's short name and the number; None where it is no key
        of this subject."""
        pattern = re.escape(self.key)
        for place, part in _PARTS.items():
            pattern = pattern.replace(place, part)
        match = re.fullmatch(pattern, key, re.ASCII | re.IGNORECASE)
        found = match.groupdict() if match else {}
        return (found["org"], int(found["number"])) if len(found) == len(_PARTS) else None

    def foreign_actions(self) -> list[str]:
        """List the actions of all other subjects: what is left of an organization's events with a number is
        this subject's."""
        return [action for action, subject in _BY_ACTION.items() if subject is not self]


_PARTS = {r"\{org\}": r"(?P<org>[a-z0-9_-]+)", r"\{number\}": r"(?P<number>\d{1,9})"}


def _alone(state: Any, event: Recorded) -> Any:
    raise ValueError("this release cannot read what these events are about")


# Where nothing is registered that could stand in.
NOTHING = Subject(
    name="something",
    facts=(),
    key="{org}-{number}",
    page="",
    evolve=_alone,
    participants=lambda *_: {},
)

SUBJECTS: dict[str, Subject] = {}  # by name
_BY_ACTION: dict[str, Subject] = {}


LONGEST_CODE = 11  # characters of a reason: that many does a notification hold


def register(subject: Subject) -> Subject:
    """Register a subject. Raises ValueError where its name or an action is taken, the code of a reason is too
    long, or another stands in for what is unknown."""
    if subject.name in SUBJECTS:
        raise ValueError(f"the subject '{subject.name}' is registered already")
    taken = [fact.action for fact in subject.facts if fact.action in FACTS]
    if taken:
        raise ValueError(f"the actions {', '.join(taken)} are taken")
    if subject.stands_in and any(other.stands_in for other in SUBJECTS.values()):
        raise ValueError("only one subject stands in for what is unknown")
    if long := [reason.code for reason in subject.reasons if len(reason.code) > LONGEST_CODE]:
        raise ValueError(f"a reason has at most {LONGEST_CODE} characters: {', '.join(long)}")
    SUBJECTS[subject.name] = subject
    for fact in subject.facts:
        FACTS[fact.action], _BY_ACTION[fact.action] = fact, subject
    return subject


class HasAction(Protocol):
    action: str
    details: Any


def subject_of(event: HasAction) -> Subject:
    """Find the subject by the event's action. An erasure says itself whose stream it is in."""
    if event.action == TextsErased.action and isinstance(event.details, dict):
        return SUBJECTS.get(str(event.details.get("about"))) or standing_in()
    return subject_of_action(event.action)


def subject_of_action(action: str) -> Subject:
    return _BY_ACTION.get(action) or standing_in()


def subject_of_first(fact: Fact) -> Subject | None:
    """Find the subject by the fact that a stream begins with; None where this release cannot read it."""
    return _BY_ACTION.get(fact.action)


def key_in(text: str) -> tuple[Subject, str, int] | None:
    """Find whose key it is, with the organization's short name and the number; None where it is nobody's."""
    for subject in SUBJECTS.values():
        if found := subject.parsed_key(text):
            return subject, *found
    return None


def known_actions() -> list[str]:
    """List the actions in the order of the subjects, and what is the log's own at the end."""
    return [*_BY_ACTION, TextsErased.action]


def standing_in() -> Subject:
    return next((subject for subject in SUBJECTS.values() if subject.stands_in), NOTHING)
