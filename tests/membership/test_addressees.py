"""What people paste, and what each piece of it is."""

import pytest

from membership.addressees import addressee, lines


def read(text):
    return [(line.address or f"?{line.typed}") + ("*" if line.is_twice else "") for line in lines(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.org", ["a@x.org"]),
        (
            "a@x.org,b@x.org; c@x.org\nd@x.org\r\ne@x.org\te.f@x.org",
            [f"{n}@x.org" for n in "abcde"] + ["e.f@x.org"],
        ),
        ("Ann Lee <Ann@X.org>, b@x.org", ["ann@x.org", "b@x.org"]),
        ('"Lee, Ann; Dr." <ann@x.org>; <b@x.org>', ["ann@x.org", "b@x.org"]),
        ("mailto:a@x.org, < a@y.org >", ["a@x.org", "a@y.org"]),
        ("a@x.org A@X.ORG, Ann <a@x.org>", ["a@x.org", "a@x.org*", "a@x.org*"]),
        ("a@x.org\nnot one\n@x.org\na@\nb@x.org", ["a@x.org", "?not one", "?@x.org", "?a@", "b@x.org"]),
        ("a@x..org, a..b@x.org, a@-x.org, a@x", ["?a@x..org", "?a..b@x.org", "?a@-x.org", "?a@x"]),
        ("a@b@x.org", ["?a@b@x.org"]),
        ("a@bücher.example", ["a@bücher.example"]),
        (f"{'a' * 65}@x.org", [f"?{'a' * 65}@x.org"]),
        (" ,;\n , ", []),
        ("", []),
        ('Ann "the <boss>" <a@x.org>', ["a@x.org"]),
    ],
    ids=repr,
)
def test_pasted_text_is_divided_and_each_line_read(text, found):
    assert read(text) == found


@pytest.mark.parametrize(
    "smuggled", ["a@x.org\nBcc: b@x.org", "a@x.org\r\nSubject: hi", "Ann\n<a@x.org>", "a@x.org\0"]
)
def test_no_address_holds_a_line_end_or_a_control(smuggled):
    found = [line.address for line in lines(smuggled)]
    assert not any(set(address) & set("\r\n\0 :<>") for address in found)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Ann <A@x.org>", "a@x.org"),
        (" dave ", "@dave"),
        ("ÉLODIE", "@élodie"),
        ("two words", None),
        ("dave@", None),
        ("", None),
        ("a\x00", None),
        ("a@x.org, b@x.org", None),
    ],
)
def test_one_is_an_address_or_a_user_name(typed, key):
    found = addressee(typed)
    assert (found and found.key) == key


def test_a_large_text_of_nothing_is_read_at_once():
    assert len(lines('"' * 40_000)) <= 1
    assert len(lines("<" * 40_000)) <= 1
    assert len(lines("a@" * 20_000)) == 1
