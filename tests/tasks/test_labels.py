"""Labels: how they are written, what is refused, and what their sentences say."""

from uuid import UUID

import pytest

from base.errors import Invalid
from events.telling import Around
from tasks.commands import SetLabels
from tasks.decide import decide
from tasks.facts import LabelsChanged
from tasks.labels import LONGEST, MOST, labels_in, labels_of
from tests.tasks.given import CREATED, given

AROUND = Around("ACME-12", 1, "Alice", 2026, {})


def asked(*labels):
    return SetLabels(task_id=UUID(int=1), labels=labels)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("", []),
        (" , ,", []),
        ("Security, mail", ["mail", "security"]),
        ("mail,MAIL, Mail ", ["mail"]),
        ("two  words,ÉCLAIR", ["two words", "éclair"]),
        ("🚪", ["🚪"]),
    ],
)
def test_labels_are_small_in_order_and_each_once(typed, written):
    assert labels_of(labels_in(typed)) == written


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["\u200b"], "that people can see"),
        (["x" * (LONGEST + 1)], "31 characters; 30 is the limit"),
        (["a,b"], "cannot contain a comma"),
        ([f"label {number}" for number in range(MOST + 1)], "That is 11 labels; a task can have 10 at most"),
    ],
)
def test_what_cannot_be_a_label_is_refused(labels, said):
    with pytest.raises(Invalid, match=said):
        decide(given(CREATED), asked(*labels), {})


def test_a_change_tells_all_before_and_after():
    state = given(CREATED, LabelsChanged([], ["mail"]))
    assert state.labels == ["mail"]
    assert decide(state, asked("Security"), {}) == [LabelsChanged(["mail"], ["security"])]
    assert decide(state, asked("MAIL"), {}) == []
    assert decide(state, asked(), {}) == [LabelsChanged(["mail"], [])]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], ["mail"], "Alice added mail to ACME-12"),
        (["mail"], [], "Alice removed mail from ACME-12"),
        (["a", "b", "c", "d"], ["d"], "Alice removed a, b and c from ACME-12"),
        (["mail"], ["security"], "Alice added security to ACME-12 and removed mail"),
    ],
)
def test_its_sentence(before, after, said):
    assert LabelsChanged(before, after).sentence(AROUND) == said
