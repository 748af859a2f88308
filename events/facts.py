"""The log's words: a fact is a frozen class for each action, with the typed fields of its `details`, and speaks for
itself: its sentence, the people it names, what was there before and after.

A subject brings its facts (`subjects.py`); here stands what they have in common, and the one fact that is the log's
own. To change a fact: raise its `schema_version`, and give it an upcaster that reads what is in the log already.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from events.telling import Around, Change, Names

# What a database can hold: anything else in a log is none of our ids. What is marked so is a person, wherever a log is
# brought to (`people_in_details.py`).
PERSON = "person"
UserId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1, extra={"of": PERSON})]

Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]

# What a person wrote freely; None once it was erased (docs/history.md).
FreeText = str | None

Details = dict[str, Any]

# Reads the details of one schema version as those of the next. The log is never rewritten: it returns a new dict; pure.
Upcaster = Callable[[Details], Details]


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"before": "from", "after": "to"}):
    """`before` and `after` are `from` and `to` in `details`."""

    action: ClassVar[str]
    schema_version: ClassVar[int] = 1
    upcasters: ClassVar[Mapping[int, Upcaster]] = {}  # by the schema version that they read
    # The field that holds free text: it is kept beside the log, and the log keeps its digest (`texts.py`).
    text_field: ClassVar[str | None] = None
    # The text is part of the folded state, and takes the place of the one before it in the same field.
    folds_text: ClassVar[bool] = False
    # The field with the version of the event whose text this one's takes the place of; without a text it takes it away.
    replaces: ClassVar[str | None] = None
    # Nobody is notified of it.
    quiet: ClassVar[bool] = False
    # Whoever follows everything is told of it too; else only those who take part.
    to_all: ClassVar[bool] = True

    def details(self) -> Details:
        """Give the details as pages, frames and programs see them: with the text itself."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]

    def sentence(self, around: Around) -> str:
        return f"{around.actor} {self.predicate(around)}"

    def predicate(self, around: Around) -> str:
        """Say what the actor did: `moved ACME-12 from Open to Done`."""
        return f"did something to {around.about} that this version cannot show"

    def people(self) -> set[int]:
        """Say whom the details speak of, by user id."""
        return set(getattr(self, "mentions", ()))

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        """Give each field before and after. `text_before`: of a fact that folds or replaces a text, the one before it;
        empty where there was none, None where it was erased."""
        return iter(())


class Redaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of the event with this version names somebody no more; what stands there now has this digest."""

    version: Version
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class TextsErased(Fact, frozen=True):
    """The actor was forgotten: their own texts are gone, and others' do not name them any more. It goes for a stream of
    any subject, and names it; the subject that stands in for all others need not be named (`subjects.py`)."""

    action = "texts_erased"
    quiet = True
    erased: list[Version] = []
    redacted: list[Redaction] = []
    about: str = ""

    def details(self) -> Details:
        details = super().details()
        return details if self.about else {name: details[name] for name in ("erased", "redacted")}

    def predicate(self, around: Around) -> str:
        return f"had {'their texts' if self.erased else 'their name'} removed from {around.about}"

    def sentence(self, around: Around) -> str:
        return f"{around.actor}’s {'texts were' if self.erased else 'name was'} removed from {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        redacted = [each.version for each in self.redacted]
        for what, versions in (("Texts erased", self.erased), ("Texts without the name", redacted)):
            if versions:
                yield Change(what, None, f"version {', '.join(map(str, versions))}")


class Unknown(Fact, frozen=True):
    """An action from a newer release, or details that this one cannot read: shown as such, never a broken page."""

    action = "unknown"


# Every fact that this release knows, by its action. `subjects.register` adds to it, and nobody else.
FACTS: dict[str, type[Fact]] = {TextsErased.action: TextsErased}


class CannotDecode(ValueError):
    """The details do not fit the action."""


def folding_actions() -> list[str]:
    """List the actions whose free text is part of a folded state."""
    return [action for action, fact in FACTS.items() if fact.folds_text]


def replacing_actions() -> list[str]:
    """List the actions that take the place of another event's text, or take it away."""
    return [action for action, fact in FACTS.items() if fact.replaces]


def sealed_digest(action: str, details: Details) -> str | None:
    """Find the digest that stands in place of a free text kept beside the event (`texts.py`); None where
    there is none."""
    fact = FACTS.get(action)
    held = details.get(fact.text_field or "") if fact and isinstance(details, dict) else None
    return held.get("sha256") if isinstance(held, dict) else None


def decode(action: str, schema_version: int, details: Details, text: str | None = None) -> Fact:
    """Read a fact strictly: an unknown action or version, a missing, extra or ill-typed field raises
    CannotDecode. `text` is the free text that is kept beside the event, if there is one."""
    fact = FACTS.get(action)
    if fact is None:
        raise CannotDecode(f"unknown action '{action}'")
    if not 1 <= schema_version <= fact.schema_version:
        raise CannotDecode(f"{action}: unknown schema version {schema_version}")
    try:
        for step in range(schema_version, fact.schema_version):
            details = fact.upcasters[step](details)
        if fact.text_field:
            held = details.get(fact.text_field)
            if isinstance(held, dict) and held.get("sha256"):
                details = {**details, fact.text_field: text}
        return msgspec.convert(details, fact)
    except (msgspec.ValidationError, LookupError, TypeError, AttributeError) as error:
        raise CannotDecode(f"{action}: {error}") from error


def read(action: str, schema_version: int, details: Details, text: str | None = None) -> Fact:
    """Read a fact leniently, for pages: what cannot be decoded is `Unknown`."""
    try:
        return decode(action, schema_version, details, text)
    except CannotDecode:
        return Unknown()
