import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from tasks.mentions import mentioned_names, with_name_replaced


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("nobody", []),
        ("@bob", ["bob"]),
        ("Ask @bob, @carol and @dave.", ["bob", "carol", "dave"]),
        ("@Bob @BOB @bob", ["Bob"]),
        ("@carol then @bob then @carol", ["carol", "bob"]),
        ("(@bob) [@carol] “@dave” -@erin", ["bob", "carol", "dave"]),
        ("line\n@bob\n@carol", ["bob", "carol"]),
        ("@ann-marie @j.doe @x+y @under_score", ["ann-marie", "j.doe", "x+y", "under_score"]),
        ("@bob. @carol- @dave... @erin?!", ["bob", "carol", "dave", "erin"]),
        ("@bob's turn", ["bob"]),
        ("@ärger @门", ["ärger", "门"]),
    ],
)
def test_names_come_as_written_in_the_order_of_their_first_mention(text, names):
    assert mentioned_names(text) == names


@pytest.mark.parametrize(
    "text", ["bob@example.com", "a.b@c", "@", "@ bob", "@@bob", "me+you@x.org", "@-", "x@bob"]
)
def test_an_address_is_no_mention(text):
    assert mentioned_names(text) == []


@for_all(st.text())
def test_any_text_can_be_read(text):
    names = mentioned_names(text)
    assert len(names) == len({name.lower() for name in names})
    assert len(names) <= text.count("@")


def test_a_hostile_text_is_read_at_once():
    """A pattern that went back over its steps would not end here."""
    assert mentioned_names("@" + "a." * 10_000 + "!") == ["a." * 9_999 + "a"]
    assert mentioned_names("@." * 10_000) == []


def test_a_person_can_be_given_another_name():
    text = "@Carol, ask @carol-ann or carol@example.com. @carol."
    assert with_name_replaced(text, "carol", "erased-3") == (
        "@erased-3, ask @carol-ann or carol@example.com. @erased-3."
    )
