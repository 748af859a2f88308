"""What can happen to a task: one frozen class per action, with the typed fields of its `details`.

These are the log's words. To add one: write its class, its sentence (`sentences.py`), its before and after
(`audit_changes.py`), its rule and its step (`tasks`).
"""

import datetime as dt
from typing import Annotated, Any, ClassVar

import msgspec

# What a database can hold: anything else in a log is none of our ids.
UserId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"before": "from", "after": "to"}):
    """`before` and `after` are `from` and `to` in `details`."""

    action: ClassVar[str]
    schema_version: ClassVar[int] = 1

    def details(self) -> dict[str, Any]:
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]


class TaskCreated(Fact, frozen=True):
    action = "created"
    title: str
    description: str = ""
    mentions: list[UserId] = []


class TaskRenamed(Fact, frozen=True):
    action = "renamed"
    before: str
    after: str


class TaskDescribed(Fact, frozen=True):
    action = "described"
    before: str
    after: str
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
    text: str
    mentions: list[UserId] = []


class TaskArchived(Fact, frozen=True):
    action = "archived"


class TaskRestored(Fact, frozen=True):
    action = "restored"


FACTS: dict[str, type[Fact]] = {fact.action: fact for fact in Fact.__subclasses__()}


class Unknown(Fact, frozen=True):
    """An action from a newer release, or details that this one cannot read: shown as such, never a broken page."""

    action = "unknown"


class CannotDecode(ValueError):
    """The details do not fit the action."""


def decode(action: str, details: dict[str, Any]) -> Fact:
    """Strict: an unknown action, a missing, extra or ill-typed field raises CannotDecode."""
    if action not in FACTS:
        raise CannotDecode(f"unknown action '{action}'")
    try:
        return msgspec.convert(details, FACTS[action])
    except msgspec.ValidationError as error:
        raise CannotDecode(f"{action}: {error}") from error


def read(action: str, details: dict[str, Any]) -> Fact:
    """Lenient, for pages: what cannot be decoded is `Unknown`."""
    try:
        return decode(action, details)
    except CannotDecode:
        return Unknown()
