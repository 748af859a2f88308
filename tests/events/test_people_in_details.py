import pytest
from msgspec import inspect

from events.facts import FACTS, PERSON
from events.people_in_details import people_in, renumbered, speaking_actions

pytestmark = pytest.mark.once

# What people are called in details.
NAMES = {"mentions", "author", "user_id", "assignee", "assignees", "invited_by", "offered_by"}
OTHERS = {1: 41, 2: 42, 3: 43}

DETAILS = [
    ("assignee_changed", {"from": None, "to": 2}, {"from": None, "to": 42}),
    ("assignee_changed", {"from": 1, "to": None}, {"from": 41, "to": None}),
    ("created", {"title": "2", "mentions": [1, 3]}, {"title": "2", "mentions": [41, 43]}),
    ("created", {"title": "x"}, {"title": "x"}),
    ("comment_edited", {"comment": 2, "mentions": []}, {"comment": 2, "mentions": []}),
    ("reacted", {"comment": 2, "author": 2}, {"comment": 2, "author": 42}),
    ("member_joined", {"user_id": 1, "role": "member"}, {"user_id": 41, "role": "member"}),
    ("log_archived", {"first": 1, "upto": 3}, {"first": 1, "upto": 3}),
    (
        "log_imported",
        {"organization": 2, "brought": [{"origin": 1, "user_id": 3}]},
        {"organization": 2, "brought": [{"origin": 1, "user_id": 43}]},
    ),
    ("praised", {"user_id": 1}, {"user_id": 1}),
]


@pytest.mark.parametrize(("action", "before", "after"), DETAILS)
def test_people_get_other_numbers_and_nothing_else_does(action, before, after):
    assert renumbered(action, before, OTHERS) == after
    back = {new: old for old, new in OTHERS.items()}
    assert renumbered(action, after, back) == before


def test_somebody_unknown_is_refused():
    with pytest.raises(KeyError):
        renumbered("member_joined", {"user_id": 9, "role": "member"}, OTHERS)


def test_people_are_found():
    assert people_in("created", {"title": "x", "mentions": [3, 1]}) == {1, 3}
    assert people_in("archived", {}) == set()


def test_every_field_of_every_fact_that_is_a_person_says_so():
    silent = {
        f"{action}.{field.encode_name}"
        for action, fact in FACTS.items()
        for field in inspect.type_info(fact).fields
        if field.name in NAMES and PERSON not in repr(field.type)
    }
    assert silent == set()
    assert {"created", "assignee_changed", "role_changed", "tasks_imported"} < set(speaking_actions())
