"""The list of tasks in pages that begin after a task, whatever becomes of those before it: for programs. A page's end
is a signed word, since it holds what the order compares."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core import signing
from django.db.models import Q, QuerySet

from base.compiled_lists import CompiledModels
from base.errors import Fault, Unreadable
from tasks.as_they_were import States
from tasks.models import Task
from tasks.selection import Selection
from tasks.sorting import expression_of, in_order, sorted_states

_SALT = "carillon.tasks-after"
_LISTED = (
    *("number", "version", "title", "status", "labels", "due_date", "archived", "created_at", "updated_at"),
    *("organization_id", "assignee_id", "creator_id"),
    *(
        f"{person}__{name}"
        for person in ("assignee", "creator")
        for name in ("username", "first_name", "last_name", "erased_at")
    ),
)


class Place(NamedTuple):
    """After which task a page begins: what it had in the order, and its number."""

    order: str
    value: Any
    number: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, dt.date) else self.value
        return signing.dumps([self.order, value, self.number], salt=_SALT)


def place_in(text: str, order: str) -> Place:
    """Read the end of a page in this order. Raises Unreadable for what is none."""
    try:
        asked, value, number = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError):
        asked, value, number = "", None, 0
    if asked != order:
        words = "This is no place in this list. Go to the address that the page before gave as next, as it stands."
        raise Unreadable(words, [Fault("query.next", words)])
    read = {"due": dt.date.fromisoformat, "changed": dt.datetime.fromisoformat}.get(order.removeprefix("-"))
    return Place(order, read(value) if read and value is not None else value, number)


def tasks_after(
    selection: Selection, order: str, place: Place | None, limit: int
) -> tuple[list[Task], Place | None]:
    """Load the first tasks of the selection beyond a place, without their descriptions, and where they end; None where
    there are no more. One statement."""

    def found() -> QuerySet[Task]:
        tasks = selection.found().annotate(place=expression_of(order))
        beyond = tasks.filter(_beyond(place)) if place else tasks
        return in_order(beyond, order).select_related("assignee", "creator").only(*_LISTED)

    tasks: list[Any] = CompiledModels(found).models(most=limit + 1, **selection.values)
    last = tasks[limit - 1] if len(tasks) > limit else None
    return tasks[:limit], last and Place(order, last.place, last.number)


def states_after(
    states: States, names: dict[int, str], order: str, place: Place | None, limit: int
) -> tuple[Sequence[tuple[str, Any]], Place | None]:
    """Do so of states of the past, which change no more."""
    found = sorted_states(states, order, names)
    numbers = [state.number for _, state in found]
    start = numbers.index(place.number) + 1 if place and place.number in numbers else 0
    some = found[start : start + limit]
    return some, Place(order, None, some[-1][1].number) if len(found) > start + limit else None


def _beyond(place: Place) -> Q:
    """Make the condition that a task follows on a place: what has nothing in the order stands last."""
    later = Q(number__lt=place.number)
    if place.value is None:
        return Q(place=None) & later
    step = "lt" if place.order.startswith("-") else "gt"
    return Q(**{f"place__{step}": place.value}) | Q(place=place.value) & later | Q(place=None)
