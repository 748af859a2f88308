"""When two names are the same, and what a name may hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgs.names import fault_of_name, fault_of_short_name, fault_of_user_name, name_key
from tests.base.test_plain_text import INVISIBLE


@pytest.mark.parametrize(
    "names",
    [
        ("élodie", "ÉLODIE", "Élodie", "e\u0301lodie", "E\u0301LODIE"),
        ("straße", "STRASSE", "STRAẞE", "Strasse"),
        ("σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("bob", "BOB", "ｂｏｂ", "Ｂob", "b\u3164ob", "bo\u115fb"),
        ("ﬁona", "fiona", "FIONA"),
        ("が", "か\u3099"),
    ],
    ids=lambda names: names[0],
)
def test_names_are_the_same(names):
    assert len({name_key(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("bob", "bob."), ("jo", "jo@acme.example"), ("elodie", "élodie"), ("bob", "bоb"), ("a_b", "a-b")],
)
def test_names_are_not_the_same(one, other):
    """Letters that look alike in two scripts are two letters: the `о` of the second bob is Cyrillic."""
    assert name_key(one) != name_key(other)


@given(st.text(max_size=20))
def test_a_key_is_its_own_key(name):
    normal = unicodedata.normalize("NFKC", name)
    assert name_key(name_key(normal)) == name_key(normal)


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_nothing_to_see_is_no_name(text):
    assert "people can see" in (fault_of_name(text) or "")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("Acme", None),
        ("Acme & Söhne  GmbH", None),
        ("עברית\u200f", None),
        ("Bob\u202eecila", "turn the writing"),
        ("\u2067Bob\u2069", "turn the writing"),
        ("a\nb", "one line"),
        ("a\u2028b", "one line"),
        ("a\x00", "control"),
        ("a\x1b[31m", "control"),
    ],
)
def test_a_name_is_one_line_as_it_reads(name, fault):
    assert fault_of_name(name) is fault or fault in fault_of_name(name)


@pytest.mark.parametrize("name", ["\u3164", "bob\u115f", "\uffa0bob"])
def test_a_user_name_has_no_letters_that_nobody_sees(name):
    assert "nobody can see" in fault_of_user_name(name)
    assert fault_of_user_name("bob") is None


@pytest.mark.parametrize(
    ("slug", "fine"),
    [
        ("acme", True),
        ("a-1_b", True),
        ("7", True),
        ("news", True),
        ("new", False),
        ("ACME", False),
        ("Acme", False),
    ]
    + [(slug, False) for slug in ("", "a b", "ä", "a/b", "a.b", "a\n", "\u200ba", "ａ")],
)
def test_a_short_name(slug, fine):
    assert (fault_of_short_name(slug) is None) == fine
