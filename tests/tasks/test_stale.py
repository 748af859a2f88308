"""A save collides with a change of the same field to another value, and with nothing else."""

from dataclasses import replace
from uuid import UUID

import pytest

from tasks import commands, facts
from tasks.facts import StatusChanged, TaskRenamed
from tasks.stale import FIELDS, Stale, field_of, refuse_stale
from tasks.state import fold
from tests.tasks.given import BOB, CREATED, past

RENAME = commands.RenameTask(task_id=UUID(int=1), title="Mine")
HAPPENED = past(
    CREATED,
    TaskRenamed("Fix the door", "Theirs"),
    StatusChanged("open", "done"),
    facts.Commented("Hm."),
    TaskRenamed("Theirs", "Again"),
    facts.AssigneeChanged(None, BOB),
)


def changed_since(command):
    """As the database finds it (`tasks/known.py`)."""
    field, seen = field_of(command), command.seen_version
    if field is None or seen is None:
        return None
    since = [
        event.version for event in HAPPENED if event.version > seen and isinstance(event.fact, field.fact)
    ]
    return since[-1] if since else None


@pytest.mark.parametrize(
    ("seen", "title", "version"),
    [
        (1, "Mine", 5),
        (4, "Mine", 5),
        (5, "Mine", None),
        (99, "Mine", None),
        (1, "Again", None),
        (None, "Mine", None),
    ],
)
def test_a_rename_meets_a_rename_since(seen, title, version):
    command = replace(RENAME, seen_version=seen, title=title)
    try:
        refuse_stale(command, fold(HAPPENED), changed_since(command))
    except Stale as stale:
        assert (stale.field, stale.version, stale.status) == ("title", version, 409)
    else:
        assert version is None


def test_what_others_did_to_other_fields_is_in_nobodys_way():
    for command in (
        commands.SetLabels(task_id=RENAME.task_id, labels=["mail"], seen_version=1),
        commands.SetDueDate(task_id=RENAME.task_id, due_date=None, seen_version=1),
        commands.CommentOnTask(task_id=RENAME.task_id, text="Hm.", seen_version=1),
        commands.ArchiveTask(task_id=RENAME.task_id, seen_version=1),
    ):
        refuse_stale(command, fold(HAPPENED), changed_since(command))


def test_every_field_has_its_command_and_its_fact():
    assert {field.fact for field in FIELDS.values()} == {
        fact for fact in facts.TASK_FACTS if {"before", "after"} <= set(fact.__struct_fields__)
    } | {facts.TaskDescribed}
