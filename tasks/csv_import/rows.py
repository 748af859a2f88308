"""Tasks out of rows, each with what is wrong in it, before anything is written. Pure."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from base.errors import DomainError, Invalid
from orgs.names import name_key
from tasks.commands import ImportTask
from tasks.csv_import.columns import FIELDS, Columns
from tasks.csv_import.dates import day_of
from tasks.csv_import.reading import Row, Table
from tasks.decide import People, decide
from tasks.labels import labels_of
from tasks.statuses import LABELS, Status

_STATUSES = {
    "todo": Status.OPEN,
    "new": Status.OPEN,
    "backlog": Status.OPEN,
    "doing": Status.IN_PROGRESS,
    "started": Status.IN_PROGRESS,
    "active": Status.IN_PROGRESS,
    "closed": Status.DONE,
    "complete": Status.DONE,
    "completed": Status.DONE,
    "resolved": Status.DONE,
    "canceled": Status.CANCELLED,
    "wontfix": Status.CANCELLED,
}


class Person(NamedTuple):
    """A member, and by what a row may name them."""

    user_id: int
    user_name: str
    name: str
    email: str


class Problem(NamedTuple):
    column: str
    says: str


class Read(NamedTuple):
    """A row as the task that it would be; `problems` where it cannot be one."""

    number: int  # of the row, from 1
    line: int
    title: str
    description: str
    status: str
    assignee: Person | None
    due_date: dt.date | None
    labels: list[str]
    problems: list[Problem]

    @property
    def status_label(self) -> str:
        return LABELS[self.status]

    def command(self, organization_id: int) -> ImportTask:
        return ImportTask(
            organization_id=organization_id,
            title=self.title,
            description=self.description,
            status=self.status,
            assignee_id=self.assignee.user_id if self.assignee else None,
            due_date=self.due_date,
            labels=self.labels,
        )


def read_tasks(table: Table, columns: Columns, order: str, members: Iterable[Person]) -> list[Read]:
    known = list(members)
    people = {name_key(person.user_name): person.user_id for person in known}
    by_name = _names(known)
    return [
        _checked(_read(number, row, columns, order, by_name), row, table, people)
        for number, row in enumerate(table.rows, start=1)
    ]


def _read(number: int, row: Row, columns: Columns, order: str, by_name: Mapping[str, Person | None]) -> Read:
    problems: list[Problem] = []

    def said(field: str) -> str:
        place = columns.get(field)
        return row.cells[place].strip() if place is not None and place < len(row.cells) else ""

    def value(field: str, read: Callable[[str], Any], without: Any) -> Any:
        try:
            return read(said(field)) if said(field) else without
        except Invalid as error:
            problems.append(Problem(FIELDS[field], error.message))
            return without

    return Read(
        number,
        row.line,
        said("title"),
        said("description"),
        value("status", _status, Status.OPEN.value),
        value("assignee", lambda name: _person(name, by_name), None),
        value("due_date", lambda day: day_of(day, order), None),
        value("labels", lambda labels: labels_of(filter(str.strip, re.split("[,;]", labels))), []),
        problems,
    )


def _checked(read: Read, row: Row, table: Table, people: People) -> Read:
    """Let the rules of the product say what else is wrong."""
    problems = list(read.problems)
    if len(row.cells) > len(table.header):
        problems.append(
            Problem("Row", f"It has {len(row.cells)} cells, and the first row {len(table.header)}.")
        )
    try:
        decide(None, read.command(0), people)
    except DomainError as error:
        column = "Description" if error.message.startswith("The description") else "Title"
        problems.append(Problem(column, error.message))
    return read._replace(problems=problems)


def _status(said: str) -> str:
    plain = re.sub(r"[\W_]", "", said.lower())
    for code, label in LABELS.items():
        if plain in (code.replace("_", ""), label.lower().replace(" ", "")):
            return code
    if plain in _STATUSES:
        return _STATUSES[plain].value
    raise Invalid(f"“{said[:30]}” is no status. Write {', '.join(LABELS.values())}.")


def _names(members: list[Person]) -> dict[str, Person | None]:
    """Say whom a name means; None for one that several have. User names go first, then addresses."""
    found: dict[str, Person | None] = {}
    for person in members:
        key = name_key(person.name)
        found[key] = None if key in found else person
    found |= {name_key(person.email): person for person in members if person.email}
    return found | {name_key(person.user_name): person for person in members}


def _person(said: str, by_name: Mapping[str, Person | None]) -> Person:
    key = name_key(said.removeprefix("@"))
    if key not in by_name:
        raise Invalid(f"“{said[:60]}” is no member here. Write a user name, a name or an address.")
    person = by_name[key]
    if person is None:
        raise Invalid(f"Several members are called “{said[:60]}”. Write the user name.")
    return person
