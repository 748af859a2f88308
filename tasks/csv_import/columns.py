"""Which column says what of a task: guessed by the columns' names, and chosen by whoever imports. Pure."""

import re
from collections.abc import Mapping, Sequence

FIELDS = {
    "title": "Title",
    "description": "Description",
    "status": "Status",
    "assignee": "Assignee",
    "due_date": "Due",
    "labels": "Labels",
}
_NAMES = {
    "title": {"title", "task", "name", "summary", "subject", "taskname", "tasktitle"},
    "description": {"description", "details", "notes", "note", "text", "body"},
    "status": {"status", "state", "progress", "column", "list"},
    "assignee": {"assignee", "assignedto", "owner", "responsible", "who", "person", "user"},
    "due_date": {"due", "duedate", "dueon", "deadline", "date", "finish", "end"},
    "labels": {"labels", "label", "tags", "tag", "category", "categories"},
}

# Field -> the column's place, from 0.
Columns = Mapping[str, int]


def guessed(header: Sequence[str]) -> dict[str, int]:
    """Guess by the names in the first row; each column once. Without a title, the first column that is left is it."""
    plain = [re.sub(r"[\W_]", "", name.lower()) for name in header]
    found: dict[str, int] = {}
    for field, names in _NAMES.items():
        place = next(
            (at for at, name in enumerate(plain) if name in names and at not in found.values()), None
        )
        if place is not None:
            found[field] = place
    free = next((at for at in range(len(header)) if at not in found.values()), None)
    if "title" not in found and free is not None:
        found["title"] = free
    return found


def chosen(said: Mapping[str, str], columns: int) -> dict[str, int]:
    """Read what was chosen for each field: a place, or nothing."""
    places = {field: said.get(f"column_{field}", "") for field in FIELDS}
    return {
        field: int(place)
        for field, place in places.items()
        if place.isascii() and place.isdecimal() and len(place) < 4 and int(place) < columns
    }
