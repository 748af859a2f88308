"""A task as it was: its state after the first events of its stream, and what an event changed. Pure, like `state`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

from events.facts import FreeText
from events.subjects import Recorded
from tasks import facts
from tasks.state import SHOWN, TaskState, fold


@dataclass(frozen=True, slots=True)
class Past:
    """The state, and the description as free text: None where it was erased, which the state cannot tell."""

    state: TaskState
    description: FreeText
    described: int  # the version that gave it


class Difference(NamedTuple):
    """Of one field, in its own values. None is nothing at all; an erased text is `ERASED`."""

    field: str
    before: Any
    after: Any


ERASED = object()


def at_version(events: Sequence[Recorded], version: int) -> Past | None:
    """Fold the events up to this version; None before the first. Raises ValueError when nobody can read how
    the stream begins."""
    happened = events[: max(0, version)]
    state = fold(happened)
    if state is None:
        return None
    return Past(state, *described(happened))


def described(events: Sequence[Recorded]) -> tuple[FreeText, int]:
    """Find the description after these events, and the version that gave it."""
    for event in reversed(events):
        if isinstance(event.fact, facts.TaskCreated | facts.TaskDescribed):
            return event.fact.description, event.version
    return "", 0


def version_at(events: Sequence[Recorded], moment: dt.datetime) -> int:
    """Count how many had happened at this moment; 0 before the first."""
    return sum(1 for _ in takewhile(lambda event: event.created_at <= moment, events))


def differences(before: Past | None, after: Past) -> list[Difference]:
    """List the fields that people see and that differ. A new task differs from none by what it has."""
    return [
        Difference(field, old, new)
        for field in SHOWN
        if (old := _value(before, field)) != (new := _value(after, field))
        or _is_rewritten(field, before, after)
    ]


def _value(past: Past | None, field: str) -> Any:
    if past is None:
        return None
    if field == "description":
        return ERASED if past.description is None else past.description or None
    return getattr(past.state, field) or None  # not archived is nothing to tell of a new task


def _is_rewritten(field: str, before: Past | None, after: Past) -> bool:
    """Say whether one description took the place of the other, even where both were erased and look alike."""
    return field == "description" and before is not None and before.described != after.described
