"""What can happen to a task: one frozen class per action, with the typed fields of its `details`.

These are the log's words. To add one: write its class, its sentence (`sentences.py`), its before and after
(`audit/changes.py`), its rule and its step (`tasks`). To change one: raise its `schema_version` and write an upcaster
(`upcasters.py`) that reads what is in the log already.
"""

import datetime as dt
from typing import Annotated, Any, ClassVar

import msgspec

from events.upcasters import upcast

# What a database can hold: anything else in a log is none of our ids.
UserId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]

Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]

# What a person wrote freely; None once it was erased (docs/history.md).
FreeText = str | None


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"before": "from", "after": "to"}):
    """`before` and `after` are `from` and `to` in `details`."""

    action: ClassVar[str]
    schema_version: ClassVar[int] = 1
    # The field that holds free text: it is kept beside the log, and the log keeps its digest (`texts.py`).
    text_field: ClassVar[str | None] = None
    # Nobody is notified of it.
    quiet: ClassVar[bool] = False

    def details(self) -> dict[str, Any]:
        """As pages, frames and programs see them: with the text itself."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]


class TaskCreated(Fact, frozen=True):
    action = "created"
    schema_version = 2
    text_field = "description"
    title: str
    description: FreeText = ""
    mentions: list[UserId] = []


class TaskRenamed(Fact, frozen=True):
    action = "renamed"
    before: str
    after: str


class TaskDescribed(Fact, frozen=True):
    """The description before it stands in the stream's earlier events."""

    action = "described"
    schema_version = 2
    text_field = "description"
    description: FreeText
    mentions: list[UserId] = []


class StatusChanged(Fact, frozen=True):
    action = "status_changed"
    before: str
    after: str


class AssigneeChanged(Fact, frozen=True):
    """User ids; None for nobody."""

    action = "assignee_changed"
    before: UserId | None
    after: UserId | None


class DueDateChanged(Fact, frozen=True):
    action = "due_date_changed"
    before: dt.date | None
    after: dt.date | None


class Commented(Fact, frozen=True):
    action = "commented"
    schema_version = 2
    text_field = "text"
    text: FreeText
    mentions: list[UserId] = []


class TaskArchived(Fact, frozen=True):
    action = "archived"


class TaskRestored(Fact, frozen=True):
    action = "restored"


class Redaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of the event with this version names somebody no more; what stands there now has this digest."""

    version: Version
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class TextsErased(Fact, frozen=True):
    """The actor was forgotten: their own texts are gone, and others' do not name them any more."""

    action = "texts_erased"
    quiet = True
    erased: list[Version] = []
    redacted: list[Redaction] = []


FACTS: dict[str, type[Fact]] = {fact.action: fact for fact in Fact.__subclasses__()}


class Unknown(Fact, frozen=True):
    """An action from a newer release, or details that this one cannot read: shown as such, never a broken page."""

    action = "unknown"


class CannotDecode(ValueError):
    """The details do not fit the action."""


def sealed_digest(action: str, details: dict[str, Any]) -> str | None:
    """The digest that stands in place of a free text kept beside the event (`texts.py`); None where there is none."""
    fact = FACTS.get(action)
    held = details.get(fact.text_field or "") if fact and isinstance(details, dict) else None
    return held.get("sha256") if isinstance(held, dict) else None


def decode(action: str, schema_version: int, details: dict[str, Any], text: str | None = None) -> Fact:
    """Strict: an unknown action or version, a missing, extra or ill-typed field raises CannotDecode. `text` is the
    free text that is kept beside the event, if there is one."""
    fact = FACTS.get(action)
    if fact is None:
        raise CannotDecode(f"unknown action '{action}'")
    if not 1 <= schema_version <= fact.schema_version:
        raise CannotDecode(f"{action}: unknown schema version {schema_version}")
    try:
        if schema_version != fact.schema_version:
            details = upcast(action, schema_version, fact.schema_version, details)
        if fact.text_field:
            held = details.get(fact.text_field)
            if isinstance(held, dict) and held.get("sha256"):
                details = {**details, fact.text_field: text}
        return msgspec.convert(details, fact)
    except (msgspec.ValidationError, LookupError, TypeError, AttributeError) as error:
        raise CannotDecode(f"{action}: {error}") from error


def read(action: str, schema_version: int, details: dict[str, Any], text: str | None = None) -> Fact:
    """Lenient, for pages: what cannot be decoded is `Unknown`."""
    try:
        return decode(action, schema_version, details, text)
    except CannotDecode:
        return Unknown()
