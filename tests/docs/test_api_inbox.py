"""docs/api-inbox.md names what there is, and its examples are taken."""

import msgspec
import pytest
from msgspec.structs import fields

from api.notification_marks import MarksDone, MarksWanted
from api.notification_why import Why
from api.notifications import ListQuery
from api.preference_changes import PreferenceChange
from inbox.query import STATES
from inbox.states import Act
from tests.docs.documents import code_in, examples_in, first_column, sections_of

pytestmark = pytest.mark.once

NAME = "docs/api-inbox.md"


def names(kind):
    return {field.name for field in fields(kind)}


def test_parameters_and_keys_are_all_there():
    sections = sections_of(NAME)
    assert set(first_column(sections["Lists"])) == names(ListQuery)
    assert set(first_column(sections["Acts"])) == names(MarksWanted)
    assert {*STATES, *Act} <= set(code_in(NAME))


def test_examples_are_taken():
    sections = sections_of(NAME)
    *acts, answer = examples_in(sections["Acts"])
    assert [msgspec.convert(act, MarksWanted).act for act in acts] == ["done", "snooze", "read"]
    assert msgspec.convert(answer, MarksDone).undo
    for example in examples_in(sections["Preferences"]):
        msgspec.convert(example, PreferenceChange)
    for example in examples_in(sections["Why"]):
        msgspec.convert(example, Why)
