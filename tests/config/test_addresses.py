"""What the address of a database says to Django."""

import pytest

from config import addresses

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("word", "meant"), [("true", True), ("True", True), ("1", True), ("false", False), ("0", False)]
)
def test_cursors_of_the_server_are_switched_by_a_word(word, meant):
    asked = addresses.database(
        f"postgres://u:p@127.0.0.1:6432/x?disable_server_side_cursors={word}&statement_timeout=0"
    )
    assert asked["DISABLE_SERVER_SIDE_CURSORS"] is meant
    assert asked["OPTIONS"] == {"statement_timeout": 0}


def test_another_word_is_refused():
    with pytest.raises(ValueError, match="=true or =false"):
        addresses.database("postgres://u:p@127.0.0.1/x?disable_server_side_cursors=maybe")


def test_two_hosts_are_handed_on():
    asked = addresses.database("postgres://u:p@db1:5432,db2:5433/x?target_session_attrs=read-write")
    assert (asked["HOST"], asked["PORT"]) == ("db1,db2", "5432,5433")
    assert asked["OPTIONS"]["target_session_attrs"] == "read-write"
