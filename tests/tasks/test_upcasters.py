import pytest

from events.facts import FACTS, CannotDecode, decode
from tasks import facts


def test_a_description_of_version_1_had_the_old_text_in_from():
    stored = {"from": "It squeaks.", "to": "Ask @bob.", "mentions": [2]}
    assert decode("described", 1, stored) == facts.TaskDescribed("Ask @bob.", [2])
    assert stored == {
        "from": "It squeaks.",
        "to": "Ask @bob.",
        "mentions": [2],
    }  # the log's own is left alone


def test_version_1_is_strict_too():
    with pytest.raises(CannotDecode):
        decode("described", 1, {"from": "a", "to": "b", "why": "c"})
    with pytest.raises(CannotDecode):
        decode("described", 1, {"from": "a"})


@pytest.mark.parametrize(
    ("action", "details", "fact"),
    [
        ("created", {"title": "x", "description": "Ask.", "mentions": []}, facts.TaskCreated("x", "Ask.")),
        ("commented", {"text": "Ask.", "mentions": []}, facts.Commented("Ask.")),
    ],
)
def test_a_text_of_version_1_stands_in_the_details(action, details, fact):
    assert decode(action, 1, details) == fact


def test_every_older_version_can_be_read():
    for fact in FACTS.values():
        assert set(fact.upcasters) == set(range(1, fact.schema_version))
