"""An event in one plain sentence, the same on pages, in frames and in the audit. Text, never markup."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from base.statements import Statement, places, run
from events.facts import Fact
from events.models import TaskEvent
from events.telling import Around, Names, listed
from orgs.names import display_name_of


class Telling(Protocol):
    """What a sentence is made of: an event, or what was read of one."""

    @property
    def fact(self) -> Fact: ...
    @property
    def key(self) -> str: ...
    @property
    def actor_id(self) -> int: ...
    @property
    def actor(self) -> Any: ...  # has a `display_name`
    @property
    def created_at(self) -> dt.datetime: ...


def user_ids(event: TaskEvent) -> set[int]:
    """Say whom the event's details speak of, by user id."""
    return event.fact.people()


def names_in(events: Iterable[TaskEvent]) -> dict[int, str]:
    """Find the display names of everybody whom the events' details speak of: one query, or none."""
    return names_of(set().union(*map(user_ids, events)))


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Find display names by id: one query, or none."""
    run(*(question := _question({user_id for user_id in ids if user_id is not None})))
    return names_in_answer(question)


def names_question(events: Iterable[TaskEvent]) -> list[Statement]:
    """Ask what `names_in` finds: one statement, or none."""
    return _question(set().union(*map(user_ids, events)))


def names_in_answer(question: Sequence[Statement]) -> dict[int, str]:
    """Read it once it has run."""
    rows = (row for statement in question for row in statement.rows)
    return {
        user_id: display_name_of(*name, is_erased=erased_at is not None) for user_id, *name, erased_at in rows
    }


_NAMED = ("id", "username", "first_name", "last_name", "erased_at")


def _question(user_ids: set[int]) -> list[Statement]:
    if not user_ids:
        return []
    sql = f"SELECT {', '.join(_NAMED)} FROM orgs_user WHERE id IN ({places(user_ids)})"  # noqa: S608 - our own words
    return [Statement(sql, [*user_ids])]


def sentence(event: Telling, names: Names, about: str = "") -> str:
    """Write `Alice moved ACME-12 from Open to In progress`. `about` stands for the key where the page has
    named it."""
    return event.fact.sentence(_around(event, names, about))


def save_sentence(save: Sequence[Telling], names: Names, about: str = "") -> str:
    """Write `Alice created ACME-12, assigned it to Bob and set its due date to 28 Nov` of the events of one save."""
    if len(save) == 1:
        return sentence(save[0], names, about)
    shown = save[: MOST_SAID if len(save) == MOST_SAID else MOST_SAID - 1]
    said = [
        event.fact.predicate(_around(event, names, "it" if number else about))
        for number, event in enumerate(shown)
    ]
    if left := len(save) - len(shown):
        said.append(f"made {left} other changes")
    return f"{save[0].actor.display_name} {listed(said)}"


MOST_SAID = 6  # parts of a save in its sentence


def _around(event: Telling, names: Names, about: str) -> Around:
    return Around(about or event.key, event.actor_id, event.actor.display_name, event.created_at.year, names)
