import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from events.cursors import Cursor, parse_many
from events.models import LogHead, TaskEvent

GARBAGE = [
    "",
    " ",
    "1",
    "1.2",
    "1.2.",
    "1.2.ab12cd3",
    "1.2.ab12cd345",
    "1.2.AB12CD34",
    "1.2.xyzxyzxy",
    "1.2.ab12cd34.5",
    " 1.2.ab12cd34",
    "1.2.ab12cd34\n",
    "-1.2.ab12cd34",
    "1.-2.ab12cd34",
    "1.2,3.ab12cd34",
    "1e3.2.ab12cd34",
    "1_0.2.ab12cd34",
    "１.2.ab12cd34",
    "1.٢.ab12cd34",
    "1.2.ab12cd3\x00",
    "\x00",
    "9999999999999999999.1.ab12cd34",
    "1.9999999999999999999.ab12cd34",
    "null",
    "[]",
    "'; DROP TABLE",
]

digits = st.integers(0, 10**18 - 1)
cursors = st.builds(Cursor, digits, digits, st.text("0123456789abcdef", min_size=8, max_size=8))


@for_all(cursors)
def test_a_cursor_reads_back_as_it_was(cursor):
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_is_no_cursor(text):
    assert Cursor.parse(text) is None
    assert parse_many(text) == {}


@for_all(st.text())
def test_any_text_can_be_asked(text):
    cursor = Cursor.parse(text)
    assert cursor is None or Cursor.parse(str(cursor)) == cursor
    parse_many(text)


def test_it_stands_for_an_event_and_for_a_head():
    place = {"organization_id": 7, "position": 41, "digest": "ab12cd34" + "0" * 56}
    assert str(Cursor.at(TaskEvent(**place))) == "7.41.ab12cd34"
    assert Cursor.at(LogHead(**place)) == Cursor.at(TaskEvent(**place))


def test_an_empty_log_has_a_cursor_too():
    assert str(Cursor.at(LogHead(organization_id=7))) == "7.0.00000000"


@for_all(st.lists(cursors, unique_by=lambda cursor: cursor.org_id, max_size=5))
def test_several_read_back_by_organization(several):
    text = ",".join(map(str, several))
    assert parse_many(text) == {cursor.org_id: cursor for cursor in several}


def test_what_is_unreadable_among_several_is_left_out():
    assert parse_many("1.41.ab12cd34,rubbish,,2.7.99aa00ff,") == {
        1: Cursor(1, 41, "ab12cd34"),
        2: Cursor(2, 7, "99aa00ff"),
    }


def test_a_list_without_end_is_cut():
    assert len(parse_many(",".join(f"{number}.1.ab12cd34" for number in range(5_000)))) == 4_000


def test_of_several_for_one_organization_the_furthest_counts():
    assert parse_many("1.4.ab12cd34,2.7.99aa00ff,2.6.11111111,1.5.22222222") == {
        1: Cursor(1, 5, "22222222"),
        2: Cursor(2, 7, "99aa00ff"),
    }
