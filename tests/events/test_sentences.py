import datetime as dt

import pytest

from events.facts import TextsErased
from events.models import TaskEvent
from events.sentences import names_in, sentence, user_ids
from orgs.models import Organization, User
from tasks.facts import TASK_FACTS
from tests.factories import UserFactory

NAMES = {2: "Bob", 3: "Carol"}

ACTIONS = {fact.action for fact in TASK_FACTS} | {TextsErased.action}

SENTENCES = [
    ("created", {"title": "x"}, "Alice created ACME-12"),
    ("renamed", {"from": "Door", "to": "Gate"}, "Alice renamed ACME-12 from “Door” to “Gate”"),
    ("described", {"from": "", "to": "x"}, "Alice edited ACME-12’s description"),
    ("described", {"from": "x", "to": ""}, "Alice removed the description from ACME-12"),
    (
        "status_changed",
        {"from": "open", "to": "in_progress"},
        "Alice moved ACME-12 from Open to In progress",
    ),
    (
        "status_changed",
        {"from": "done", "to": "cancelled"},
        "Alice moved ACME-12 from Done to Cancelled",
    ),
    (
        "status_changed",
        {"from": "parked", "to": "open"},
        "Alice moved ACME-12 from parked to Open",
    ),
    ("assignee_changed", {"from": None, "to": 2}, "Alice assigned ACME-12 to Bob"),
    ("assignee_changed", {"from": 2, "to": 3}, "Alice assigned ACME-12 to Carol"),
    ("assignee_changed", {"from": 2, "to": None}, "Alice unassigned ACME-12 from Bob"),
    ("assignee_changed", {"from": None, "to": 9}, "Alice assigned ACME-12 to somebody"),
    ("assignee_changed", {"from": 2, "to": 1}, "Alice took ACME-12"),
    ("assignee_changed", {"from": 1, "to": None}, "Alice unassigned ACME-12"),
    (
        "due_date_changed",
        {"from": None, "to": "2026-11-04"},
        "Alice set ACME-12’s due date to 4 Nov",
    ),
    (
        "due_date_changed",
        {"from": "2026-11-04", "to": "2027-01-10"},
        "Alice rescheduled ACME-12 from 4 Nov to 10 Jan 2027",
    ),
    ("due_date_changed", {"from": "2026-11-04", "to": None}, "Alice removed the due date from ACME-12"),
    (
        "labels_changed",
        {"from": ["mail"], "to": ["security", "web"]},
        "Alice added security and web to ACME-12 and removed mail",
    ),
    ("commented", {"text": "Hm."}, "Alice commented on ACME-12"),
    ("comment_edited", {"comment": 2, "text": "Hm."}, "Alice edited a comment on ACME-12"),
    ("comment_deleted", {"comment": 2}, "Alice deleted a comment on ACME-12"),
    (
        "reacted",
        {"comment": 2, "reaction": "heart", "author": 2},
        "Alice reacted with ❤️ to Bob’s comment on ACME-12",
    ),
    (
        "reacted",
        {"comment": 2, "reaction": "heart", "author": 1},
        "Alice reacted with ❤️ to their own comment on ACME-12",
    ),
    (
        "reacted",
        {"comment": 2, "reaction": "of tomorrow", "author": 2},
        "Alice reacted with of tomorrow to Bob’s comment on ACME-12",
    ),
    ("unreacted", {"comment": 2, "reaction": "eyes"}, "Alice removed their 👀 from a comment on ACME-12"),
    ("archived", {}, "Alice archived ACME-12"),
    ("restored", {}, "Alice restored ACME-12"),
    ("imported", {"title": "Door", "status": "done"}, "Alice imported ACME-12"),
    ("tasks_imported", {"count": 1, "assignees": []}, "Alice imported ACME-12 from a file"),
    (
        "tasks_imported",
        {"count": 1000, "assignees": [2]},
        "Alice imported 1,000 tasks from a file, ACME-12 as the last of them",
    ),
    ("import_taken_back", {}, "Alice took back the import of ACME-12"),
    ("texts_erased", {"erased": [1], "redacted": []}, "Alice’s texts were removed from ACME-12"),
    (
        "texts_erased",
        {"redacted": [{"version": 1, "sha256": "ab" * 32}]},
        "Alice’s name was removed from ACME-12",
    ),
    ("praised", {"stars": 5}, "Alice did something to ACME-12 that this version cannot show"),
    ("renamed", {"broken": 1}, "Alice did something to ACME-12 that this version cannot show"),
    ("renamed", None, "Alice did something to ACME-12 that this version cannot show"),
]


def event(action, details):
    return TaskEvent(
        organization=Organization(pk=7, name="Acme", slug="acme"),
        task_number=12,
        action=action,
        details=details,
        actor=User(pk=1, username="alice", first_name="Alice"),
        created_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize(("action", "details", "words"), SENTENCES)
def test_what_happened_is_told_in_one_sentence(action, details, words):
    assert sentence(event(action, details), NAMES) == words


def test_every_action_has_a_sentence():
    assert {action for action, _, words in SENTENCES if "cannot show" not in words} == ACTIONS


@pytest.mark.parametrize(("action", "details", "words"), SENTENCES)
def test_a_page_that_named_the_task_says_it(action, details, words):
    words = words.replace("ACME-12’s", "its").replace("ACME-12", "it")
    assert sentence(event(action, details), NAMES, "it") == words


def test_a_person_without_a_name_is_called_by_the_user_name():
    nameless = event("archived", {})
    nameless.actor = User(pk=2, username="bob")
    assert sentence(nameless, {}) == "bob archived ACME-12"


def test_a_title_is_text_and_no_markup():
    renamed = event("renamed", {"from": "a", "to": "<b>x</b>"})
    assert sentence(renamed, {}).endswith("to “<b>x</b>”")


@pytest.mark.parametrize(
    ("action", "details", "ids"),
    [
        ("assignee_changed", {"from": 2, "to": 3}, {2, 3}),
        ("assignee_changed", {"from": None, "to": 3}, {3}),
        ("created", {"title": "x", "mentions": [2]}, {2}),
        ("described", {"from": "", "to": "x", "mentions": [2, 3]}, {2, 3}),
        ("commented", {"text": "x", "mentions": [3]}, {3}),
        ("renamed", {"from": "2", "to": "3"}, set()),
        ("praised", {"to": 3}, set()),
    ],
)
def test_the_people_that_details_speak_of(action, details, ids):
    assert user_ids(event(action, details)) == ids


@pytest.mark.django_db
class TestNames:
    def test_all_of_them_are_found_in_one_query(self, django_assert_num_queries):
        bob, carol = UserFactory(first_name="Bob"), UserFactory(first_name="Carol")
        events = [
            event("assignee_changed", {"from": None, "to": bob.pk}),
            event("commented", {"text": "x", "mentions": [bob.pk, carol.pk, 999_999]}),
        ]
        with django_assert_num_queries(1):
            assert names_in(events) == {bob.pk: "Bob", carol.pk: "Carol"}

    def test_nobody_is_looked_up_when_nobody_is_spoken_of(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert names_in([event("archived", {})]) == {}
            assert names_in([]) == {}
