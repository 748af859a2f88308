"""What a fact tells itself with: the sentence's surroundings, a change before and after. Pure; text, never markup."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

Names = Mapping[int, str]  # user id -> what the person is called

ERASED = "(erased)"


class Around(NamedTuple):
    """What a sentence speaks of beside the fact. `about`: the key of the thing that it happened to, or 'it'."""

    about: str
    actor_id: int
    actor: str
    year: int
    names: Names

    def name(self, user_id: int | None) -> str:
        return "nobody" if user_id is None else self.names.get(user_id, "somebody")

    def its(self, what: str) -> str:
        """Say `its due date`, or `ACME-12’s due date`."""
        return f"its {what}" if self.about == "it" else f"{self.about}’s {what}"

    def day(self, date: dt.date) -> str:
        """Say a date with its year only where that is not the event's own."""
        return f"{date.day} {date:%b}" if date.year == self.year else f"{date.day} {date:%b %Y}"


class Change(NamedTuple):
    """None is nothing at all: the field was not there before, or is not there any more."""

    field: str
    before: str | None
    after: str | None


def text_or_erased(text: str | None) -> str | None:
    return ERASED if text is None else text or None


def person(user_id: int | None, names: Names) -> str | None:
    """Say who it is: events do not own the people that they speak of, and a number still says who it was."""
    return None if user_id is None else names.get(user_id, f"user {user_id}")


def whole_day(date: dt.date | None) -> str | None:
    return None if date is None else f"{date.day} {date:%B %Y}"


def listed(said: Iterable[str]) -> str:
    """Join them as a sentence does: `a`, `a and b`, `a, b and c`; nothing for none."""
    *most, last = [*said] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def action_label(action: str) -> str:
    """Write `status_changed` as `Status changed`."""
    return action.replace("_", " ").capitalize()
