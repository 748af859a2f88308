"""The edit form of a task, merged with what others did since it was opened: what only one of them changed is taken as
it is, what both changed is shown from both sides."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from events import log
from events.sentences import names_in, sentence
from tasks import commands
from tasks.field_words import LABELS, in_words
from tasks.models import Task
from tasks.stale import FIELDS
from tasks.state import TaskState
from tasks.streams import Stream

SAID = 3  # of the newest changes that a refusal names
LOOKED_AT = 200  # of the newest changes, for those of the fields concerned

# The form's own names of the state's fields.
FORM_FIELDS = {
    "title": "title",
    "description": "description",
    "assignee_id": "assignee",
    "due_date": "due_date",
    "labels": "labels",
}


class Both(NamedTuple):
    """A field that somebody else changed too, in words."""

    name: str  # in the form
    label: str
    yours: str
    theirs: str


class Edit:
    """What one person typed into the form (`cleaned`), which was made from the task's version `seen`. `given_up`: the
    form's fields in which they chose the other's words."""

    def __init__(self, task: Task, cleaned: Mapping[str, Any], given_up: Collection[str]) -> None:
        self.task = task
        self.seen: int = min(cleaned["expected_version"], task.version)
        self.given_up = given_up
        past = Stream.of(task).past(self.seen)
        self.base: TaskState | Task = past.state if past else task
        self.wanted = {
            "title": cleaned["title"],
            "description": cleaned["description"],
            "assignee_id": cleaned["assignee"].pk if cleaned["assignee"] else None,
            "due_date": cleaned["due_date"],
            "labels": cleaned["labels"],
        }

    @property
    def changed(self) -> list[str]:
        """List the fields that they changed."""
        return [
            field
            for field, value in self.wanted.items()
            if value != getattr(self.base, field) and FORM_FIELDS[field] not in self.given_up
        ]

    def commands(self) -> Sequence[commands.TaskCommand]:
        return [
            FIELDS[field].command(task_id=self.task.pk, seen_version=self.seen, **{field: self.wanted[field]})
            for field in self.changed
        ]

    def both(self) -> list[Both]:
        """List the fields that are another now than when they looked, and not what they want."""
        return [Both(FORM_FIELDS[field], LABELS[field], *self._words(field)) for field in self._collisions()]

    def said(self) -> str:
        """Say who changed what both changed; empty where nobody did."""
        facts = tuple(FIELDS[field].fact for field in self._collisions())
        after = max(self.seen, self.task.version - LOOKED_AT)
        events = log.load_outline(self.task.organization_id, self.task.pk, after=after) if facts else []
        told = [event for event in events if isinstance(event.fact, facts)][-SAID:]
        if not told:
            return ""
        changes = "; ".join(sentence(event, names_in(told), "it") for event in told)
        return f"This task changed while you were editing: {changes}. Check it, then save again."

    def _collisions(self) -> list[str]:
        return [
            field
            for field in self.changed
            if getattr(self.task, field) not in (getattr(self.base, field), self.wanted[field])
        ]

    def _words(self, field: str) -> tuple[str, str]:
        return in_words(field, self.wanted[field]), in_words(field, getattr(self.task, field))

    def merged(self) -> dict[str, Any]:
        """Give the form's values: what they changed as they wrote it, all else as it is now."""
        values = initial_of(self.task)
        mine = {FORM_FIELDS[field]: self.wanted[field] for field in self.changed}
        if "labels" in mine:
            mine["labels"] = ", ".join(mine["labels"])
        return values | mine


def initial_of(task: Task) -> dict[str, Any]:
    """Give the form's values as the task has them."""
    return {
        "title": task.title,
        "description": task.description,
        "assignee": task.assignee_id,
        "due_date": task.due_date,
        "labels": ", ".join(task.labels),
        "expected_version": task.version,
    }
