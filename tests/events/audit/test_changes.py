import uuid

import pytest

from events.audit.changes import changes, texts_before
from events.facts import TextsErased
from events.models import EventText, TaskEvent
from events.telling import Change
from tasks.commands import DeleteComment, EditComment
from tasks.facts import TASK_FACTS
from tests.tasks.acme import carry_out, comment, describe, new_task
from tests.triggers import without_triggers

NAMES = {2: "Bob", 3: "Carol"}

CASES = [
    ("created", {"title": "Door"}, [("Title", None, "Door"), ("Description", None, None)]),
    (
        "created",
        {"title": "Door", "description": "Hm @bob", "mentions": [2]},
        [("Title", None, "Door"), ("Description", None, "Hm @bob"), ("Mentions", None, "Bob")],
    ),
    ("renamed", {"from": "a", "to": "b"}, [("Title", "a", "b")]),
    ("described", {"description": "b"}, [("Description", None, "b")]),
    ("described", {"description": ""}, [("Description", None, None)]),
    ("status_changed", {"from": "open", "to": "in_progress"}, [("Status", "Open", "In progress")]),
    ("status_changed", {"from": "parked", "to": "done"}, [("Status", "parked", "Done")]),
    ("assignee_changed", {"from": 2, "to": 3}, [("Assignee", "Bob", "Carol")]),
    ("assignee_changed", {"from": None, "to": 9}, [("Assignee", None, "user 9")]),
    ("due_date_changed", {"from": None, "to": "2026-11-04"}, [("Due date", None, "4 November 2026")]),
    ("due_date_changed", {"from": "2026-11-04", "to": None}, [("Due date", "4 November 2026", None)]),
    ("labels_changed", {"from": [], "to": ["mail", "web"]}, [("Labels", None, "mail, web")]),
    (
        "commented",
        {"text": "Hm.", "mentions": [3, 9]},
        [("Comment", None, "Hm."), ("Mentions", None, "Carol, user 9")],
    ),
    (
        "comment_edited",
        {"comment": 1, "text": "Hm.", "mentions": [3]},
        [("Comment", None, "Hm."), ("Mentions", None, "Carol")],
    ),
    ("comment_deleted", {"comment": 1}, [("Comment", None, None)]),
    ("reacted", {"comment": 1, "reaction": "eyes", "author": 2}, [("Reaction", None, "👀")]),
    ("unreacted", {"comment": 1, "reaction": "eyes"}, [("Reaction", "👀", None)]),
    ("archived", {}, [("Archived", "no", "yes")]),
    ("restored", {}, [("Archived", "yes", "no")]),
    (
        "imported",
        {"title": "Door", "description": "Hm.", "assignee": 2, "due_date": "2026-11-04", "labels": ["web"]},
        [
            ("Title", None, "Door"),
            ("Description", None, "Hm."),
            ("Status", None, "Open"),
            ("Assignee", None, "Bob"),
            ("Due date", None, "4 November 2026"),
            ("Labels", None, "web"),
        ],
    ),
    ("tasks_imported", {"count": 3, "assignees": []}, [("Tasks imported", None, "3")]),
    ("import_taken_back", {}, [("Archived", "no", "yes")]),
    (
        "texts_erased",
        {"erased": [1, 4], "redacted": [{"version": 2, "sha256": "ab" * 32}]},
        [("Texts erased", None, "version 1, 4"), ("Texts without the name", None, "version 2")],
    ),
    ("praised", {"stars": 5}, []),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("action", "details", "rows"), CASES)
def test_are_shown_field_by_field(action, details, rows):
    event = TaskEvent(action=action, details=details, stream_id=uuid.uuid4(), version=2)
    assert changes(event, NAMES) == [Change(*row) for row in rows]


class TestADescription:
    def test_shows_what_was_there_before(self, acme):
        task = new_task(acme, actor=acme.alice, description="It squeaks.")
        event = describe(task, "It is loud.", actor=acme.bob)
        comment(task, "Hm.", actor=acme.bob)
        assert changes(event, {}) == [Change("Description", "It squeaks.", "It is loud.")]

    def test_shows_what_was_erased_as_such(self, acme):
        task = new_task(acme, actor=acme.alice, description="It squeaks.")
        event = describe(task, "It is loud.", actor=acme.bob)
        with without_triggers():
            EventText.objects.all().delete()
        event = TaskEvent.objects.readable().get(pk=event.pk)
        assert changes(event, {}) == [Change("Description", "(erased)", "(erased)")]


def test_a_comment_shows_each_of_its_texts(acme):
    task = new_task(acme, actor=acme.alice)
    place = {"task_id": task.pk, "comment": comment(task, "One.", actor=acme.bob).version}
    events = [
        carry_out(command, actor=acme.bob)[0]
        for command in (
            EditComment(**place, text="Two."),
            EditComment(**place, text="Three."),
            DeleteComment(**place),
        )
    ]
    texts = texts_before(events)
    shown = [changes(event, {}, texts) for event in events]
    assert shown == [
        [Change("Comment", "One.", "Two.")],
        [Change("Comment", "Two.", "Three.")],
        [Change("Comment", "Three.", None)],
    ]


def test_every_action_has_some():
    assert {action for action, _, rows in CASES if rows} == {fact.action for fact in TASK_FACTS} | {
        TextsErased.action
    }
