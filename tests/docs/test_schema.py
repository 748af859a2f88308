"""docs/frames.schema.json and the scripts' types against the product's own types."""

import json

import pytest

from base.messages import SessionChanged
from schema.document import as_json, as_types
from schema.words import PLACES, Unfit, check
from tests.docs.documents import ROOT

MEMBERSHIP = {"type": "membership", "org_id": 1, "change": "left"}


@pytest.mark.parametrize(
    ("file", "made"), [("docs/frames.schema.json", as_json), ("static/js/frames.d.ts", as_types)]
)
def test_what_is_made_is_up_to_date(file, made):
    assert (ROOT / file).read_text() == made(), "run `make schema`"


def test_every_reference_leads_somewhere():
    text = as_json()
    defined = json.loads(text)["$defs"].keys()
    assert {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]} <= defined
    assert PLACES.keys() <= defined


def test_a_task_is_called_a_task():
    said = json.loads(as_json())["$defs"]["TaskEventFrame"]
    assert {"task_id", "page", "notification", "replayed"} <= set(said["required"])
    assert "stream_id" not in said["properties"]


@pytest.mark.parametrize(
    "said",
    [
        MEMBERSHIP | {"more": 1},
        {"type": "membership", "org_id": 1},
        MEMBERSHIP | {"org_id": "1"},
        MEMBERSHIP | {"change": "of tomorrow"},
        MEMBERSHIP | {"type": "of.tomorrow"},
        {"type": "error", "error": {"code": "x", "message": "y", "more": 1}},
    ],
    ids=str,
)
def test_what_lacks_something_or_has_something_more_is_unfit(said):
    check(MEMBERSHIP, "UserSocketFrame")
    with pytest.raises(Unfit):
        check(said, "UserSocketFrame")


def test_each_word_has_its_place():
    check(SessionChanged(1).told(), "LayerMessage")
    for said in (SessionChanged(1).told(), MEMBERSHIP):
        with pytest.raises(Unfit):
            check(said, "OrgSocketFrame")
