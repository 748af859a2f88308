"""How lists of tasks are sorted: the words of an address (`title`, `-due`), for the table and for folded states alike.

What has no assignee or no date stands last in both directions; what is equal, newest first.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Case, CharField, F, IntegerField, QuerySet, Value, When
from django.db.models.functions import Concat, Lower, NullIf, Trim

from tasks.models import Task
from tasks.state import TaskState
from tasks.statuses import LABELS


class Column(NamedTuple):
    """A heading of the list. `follows` is the order that it asks for, `aria` the one that it has."""

    name: str
    label: str
    follows: str
    aria: str


HEADINGS = {
    "key": "Key",
    "title": "Title",
    "status": "Status",
    "assignee": "Assignee",
    "due": "Due",
    "changed": "Changed",
}
STANDARD = "-key"
FIRST = {"key": "-key", "changed": "-changed"}  # newest first; all others from A to Z

_RANK = {status: place for place, status in enumerate(LABELS)}
_NAME = NullIf(
    Trim(Concat("assignee__first_name", Value(" "), "assignee__last_name", output_field=CharField())),
    Value(""),
)
_EXPRESSIONS: Mapping[str, Any] = {
    "key": F("number"),
    "title": Lower("title"),
    "status": Case(
        *(When(status=status, then=Value(rank)) for status, rank in _RANK.items()),
        output_field=IntegerField(),
    ),
    "assignee": Lower(
        Case(When(assignee__first_name="", assignee__last_name="", then="assignee__username"), default=_NAME)
    ),
    "due": F("due_date"),
    "changed": F("updated_at"),
}


def order_of(asked: str) -> str:
    """Read the order of an address; the standard one for a word that is none."""
    return asked if asked.removeprefix("-") in HEADINGS else STANDARD


def columns(asked: str) -> list[Column]:
    order = order_of(asked)
    return [Column(name, label, _next(name, order), _aria(name, order)) for name, label in HEADINGS.items()]


def _next(name: str, order: str) -> str:
    follows = f"-{name}" if order == name else name if order == f"-{name}" else FIRST.get(name, name)
    return "" if follows == STANDARD else follows


def _aria(name: str, order: str) -> str:
    if order.removeprefix("-") != name:
        return ""
    return "descending" if order.startswith("-") else "ascending"


def expression_of(order: str) -> Any:
    """Give what an order compares."""
    return _EXPRESSIONS[order.removeprefix("-")]


def in_order(tasks: QuerySet[Task], order: str) -> QuerySet[Task]:
    expression = expression_of(order)
    ordered = expression.desc(nulls_last=True) if order.startswith("-") else expression.asc(nulls_last=True)
    return tasks.order_by(ordered, "-number")


def sorted_states(
    states: Iterable[tuple[str, TaskState]], asked: str, names: Mapping[int, str]
) -> list[tuple[str, TaskState]]:
    """Sort states with their ids. `names`: of the assignees."""
    order = order_of(asked)
    values: dict[str, Callable[[TaskState], Any]] = {
        "key": lambda state: state.number,
        "title": lambda state: state.title.lower(),
        "status": lambda state: _RANK.get(state.status),
        "assignee": lambda state: names.get(state.assignee_id or 0, "").lower() or None,
        "due": lambda state: state.due_date,
        "changed": lambda state: state.updated_at,
    }
    value = values[order.removeprefix("-")]
    newest = sorted(states, key=lambda each: -each[1].number)
    known = [each for each in newest if value(each[1]) is not None]
    known.sort(key=lambda each: value(each[1]), reverse=order.startswith("-"))
    return known + [each for each in newest if value(each[1]) is None]
