"""Keys of subjects, given and read by one text."""

import pytest

from events.subjects import NOTHING, key_in, subject_of
from tasks.models import task_key
from tasks.subject import TASK
from tests.orders.subject import ORDER


def test_a_key_is_read_as_it_is_given():
    assert (TASK.key_of("acme", "Acme", 12), ORDER.key_of("acme", "Acme", 3)) == ("ACME-12", "ACME-O3")
    assert task_key("acme", 12) == TASK.key_of("acme", "Acme", 12)
    assert key_in("ACME-12") == (TASK, "ACME", 12)
    assert key_in("acme-o3") == (ORDER, "acme", 3)
    assert key_in("a-b_c-12") == (TASK, "a-b_c", 12)


@pytest.mark.parametrize("text", ["", "12", "ACME", "ACME-", "-12", "ACME-1x", "ACME 12", "acme-" + "1" * 10])
def test_what_is_no_key(text):
    assert key_in(text) is None


class Seen:
    def __init__(self, action, details):
        self.action, self.details = action, details


@pytest.mark.parametrize(
    ("action", "details", "subject"),
    [
        ("commented", {}, TASK),
        ("order_noted", None, ORDER),
        ("texts_erased", {"erased": [1]}, TASK),
        ("texts_erased", {"about": "order"}, ORDER),
        ("texts_erased", {"about": "parcel"}, TASK),
        ("texts_erased", {"about": ["order"]}, TASK),
        ("texts_erased", None, TASK),
        ("praised", {}, TASK),
    ],
)
def test_an_event_is_about_the_subject_of_its_action(action, details, subject):
    assert subject_of(Seen(action, details)) is subject


def test_where_nothing_stands_in_there_is_something(monkeypatch):
    monkeypatch.setattr("events.subjects.SUBJECTS", {})
    found = subject_of(Seen("praised", {}))
    assert found is NOTHING
    assert (found.name, found.key_of("acme", "Acme", 3), found.page) == ("something", "ACME-3", "")
