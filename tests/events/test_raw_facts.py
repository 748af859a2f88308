import json

import pytest

from events.facts import Unknown, read
from events.raw_facts import read_json
from tasks.facts import Commented, TaskCreated
from tests.events.test_facts import BROKEN, WORDS

SEALS = [
    {"sha256": "ab" * 32},
    {"sha256": ""},
    {"sha256": 5},
    {"sha256": "ab", "more": 1},
    {},
    None,
    [],
    "Ask",
]


@pytest.mark.parametrize(("action", "details"), [*BROKEN, *((a, d) for a, (_, d) in WORDS.items())])
@pytest.mark.parametrize("schema_version", [0, 1, 2, 3])
def test_reading_json_is_reading(action, schema_version, details):
    assert read_json(action, schema_version, json.dumps(details)) == read(action, schema_version, details)


@pytest.mark.parametrize("seal", SEALS, ids=str)
@pytest.mark.parametrize("others", [{}, {"mentions": [2]}, {"mentions": [0]}, {"why": 1}], ids=str)
@pytest.mark.parametrize("body", [None, "Ask @bob"])
def test_a_text_beside_is_put_in_its_place_as_reading_does(seal, others, body):
    for action, field, more in (("commented", "text", {}), ("created", "description", {"title": "x"})):
        details = {field: seal} | others | more
        assert read_json(action, 2, json.dumps(details), body) == read(action, 2, details, body)


def test_a_sealed_text_is_read_with_what_was_left_out():
    sealed = json.dumps({"text": {"sha256": "ab" * 32}})
    assert read_json("commented", 2, sealed, "Ask @bob") == Commented("Ask @bob", [])
    created = json.dumps({"title": "x", "description": {"sha256": "ab" * 32}, "mentions": [2]})
    assert read_json("created", 2, created) == TaskCreated("x", None, [2])


def test_details_that_are_no_json_are_unknown():
    assert (
        read_json("renamed", 1, "{")
        == read_json("commented", 2, "")
        == read_json("praised", 1, "")
        == Unknown()
    )
