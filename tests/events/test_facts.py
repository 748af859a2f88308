import datetime as dt
import json

import pytest

from events.facts import FACTS, CannotDecode, Redaction, TextsErased, Unknown, decode, read
from tasks import facts
from tasks.facts import TASK_FACTS

FRIDAY, MONDAY = dt.date(2026, 11, 27), dt.date(2026, 11, 30)

# The log's words, as they stand in `details` for ever.
WORDS = {
    "created": (
        facts.TaskCreated("Fix it", "Ask @bob", [2]),
        {"title": "Fix it", "description": "Ask @bob", "mentions": [2]},
    ),
    "renamed": (facts.TaskRenamed("a", "b"), {"from": "a", "to": "b"}),
    "described": (
        facts.TaskDescribed("@bob", [2]),
        {"description": "@bob", "mentions": [2]},
    ),
    "status_changed": (facts.StatusChanged("open", "done"), {"from": "open", "to": "done"}),
    "assignee_changed": (facts.AssigneeChanged(None, 2), {"from": None, "to": 2}),
    "due_date_changed": (
        facts.DueDateChanged(FRIDAY, MONDAY),
        {"from": "2026-11-27", "to": "2026-11-30"},
    ),
    "labels_changed": (
        facts.LabelsChanged(["mail"], ["security"]),
        {"from": ["mail"], "to": ["security"]},
    ),
    "commented": (facts.Commented("@bob", [2]), {"text": "@bob", "mentions": [2]}),
    "comment_edited": (
        facts.CommentEdited(2, "@bob", [2]),
        {"comment": 2, "text": "@bob", "mentions": [2]},
    ),
    "comment_deleted": (facts.CommentDeleted(2), {"comment": 2}),
    "reacted": (
        facts.Reacted(2, "heart", 3),
        {"comment": 2, "reaction": "heart", "author": 3, "again": False},
    ),
    "unreacted": (facts.Unreacted(2, "heart"), {"comment": 2, "reaction": "heart"}),
    "archived": (facts.TaskArchived(), {}),
    "restored": (facts.TaskRestored(), {}),
    "imported": (
        facts.TaskImported("Door", "Hm.", assignee=2, due_date=FRIDAY, labels=["web"]),
        {"title": "Door", "description": "Hm.", "assignee": 2, "due_date": "2026-11-27", "labels": ["web"]},
    ),
    "tasks_imported": (facts.TasksImported(3, [2]), {"count": 3, "assignees": [2]}),
    "import_taken_back": (facts.ImportTakenBack(), {}),
    "texts_erased": (
        TextsErased([1, 4], [Redaction(2, "ab" * 32)]),
        {"erased": [1, 4], "redacted": [{"version": 2, "sha256": "ab" * 32}]},
    ),
}


def decode_now(action, details):
    known = FACTS.get(action)
    return decode(action, known.schema_version if known else 1, details)


@pytest.mark.parametrize(("action", "fact", "details"), [(a, *w) for a, w in WORDS.items()], ids=WORDS)
def test_a_fact_is_written_and_read_in_its_own_words(action, fact, details):
    assert fact.action == action
    assert fact.details() == details
    assert decode_now(action, details) == fact
    assert decode_now(action, json.loads(json.dumps(details))) == fact


def test_every_action_is_tried_here():
    assert set(WORDS) == {fact.action for fact in TASK_FACTS} | {TextsErased.action}


def test_unknown_is_never_written():
    assert Unknown.action not in FACTS


def test_what_older_events_left_out_has_a_default():
    assert decode_now("created", {"title": "x"}) == facts.TaskCreated("x", "", [])
    assert decode_now("commented", {"text": "x"}) == facts.Commented("x", [])


BROKEN = [
    ("praised", {}),
    ("unknown", {}),
    ("", {}),
    ("renamed", {}),
    ("renamed", {"from": "a"}),
    ("renamed", {"from": "a", "to": None}),
    ("renamed", {"from": "a", "to": "b", "why": "c"}),
    ("renamed", {"before": "a", "after": "b"}),
    ("status_changed", {"from": 1, "to": "done"}),
    ("assignee_changed", {"from": None, "to": "2"}),
    ("assignee_changed", {"from": None, "to": 2.5}),
    ("assignee_changed", {"from": None, "to": 2**63}),
    ("commented", {"text": "x", "mentions": [0]}),
    ("due_date_changed", {"from": None, "to": "27 November"}),
    ("due_date_changed", {"from": None, "to": "2026-02-30"}),
    ("commented", {"text": "x", "mentions": [None]}),
    ("commented", {"text": "x", "mentions": "2"}),
    ("archived", {"from": 1}),
    ("archived", []),
    ("archived", None),
    ("archived", "x"),
    ("texts_erased", {"erased": [0]}),
    ("texts_erased", {"erased": [1], "redacted": [{"version": 1, "sha256": "x"}]}),
    ("texts_erased", {"redacted": [{"version": 1}]}),
]


@pytest.mark.parametrize(("action", "details"), BROKEN)
def test_decoding_is_strict(action, details):
    with pytest.raises(CannotDecode):
        decode_now(action, details)


@pytest.mark.parametrize(("action", "details"), BROKEN)
def test_reading_is_lenient(action, details):
    assert read(action, 1, details) == Unknown()


def test_the_refusal_names_the_action_and_the_field():
    with pytest.raises(CannotDecode, match=r"renamed: .*`why`"):
        decode("renamed", 1, {"from": "a", "to": "b", "why": "c"})


@pytest.mark.parametrize(("action", "version"), [("renamed", 2), ("commented", 3), ("commented", 0)])
def test_a_schema_version_of_another_release_is_unknown(action, version):
    _, details = WORDS[action]
    with pytest.raises(CannotDecode, match=f"{action}: unknown schema version {version}"):
        decode(action, version, details)
    assert read(action, version, details) == Unknown()


def test_a_text_beside_the_event_is_put_in_its_place():
    sealed = {"text": {"sha256": "ab" * 32}, "mentions": [2]}
    assert decode("commented", 2, sealed, "Ask @bob") == facts.Commented("Ask @bob", [2])
    assert decode("commented", 2, sealed) == facts.Commented(None, [2])  # erased


def test_only_free_text_may_be_beside():
    with pytest.raises(CannotDecode):
        decode("renamed", 1, {"from": "a", "to": {"sha256": "ab" * 32}}, "b")


def test_facts_cannot_be_changed():
    fact = facts.TaskRenamed("a", "b")
    with pytest.raises(AttributeError):
        fact.after = "c"


def test_two_creations_share_no_list():
    first, second = facts.TaskCreated("a"), facts.TaskCreated("b")
    assert first.mentions is not second.mentions


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.__name__)
def test_a_stored_action_fits_its_column(fact):
    assert len(fact.action) <= 40
