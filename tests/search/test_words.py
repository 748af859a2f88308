"""What a word is, and what a search means. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import Invalid
from search.words import LONGEST_WORD, Query, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Café-Bar 12", ["cafe", "bar", "12"]),
        ("ÖL, Straße", ["ol", "strasse"]),
        ("snake_case don't", ["snake", "case", "don", "t"]),
        ("Ёлка и Йод", ["елка", "и", "иод"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("東京タワー!", ["東", "京", "タ", "ワ", "ー"]),
        ("ﬁx ＡＢＣ", ["fix", "abc"]),
        ("\x00 💥 — ¦7 '\"\\", ["7"]),
        ("x" * 300, ["x" * LONGEST_WORD]),
        ("", []),
    ],
)
def test_words_are_those_of_any_language(text, found):
    assert words(text) == found


@given(st.text())
def test_no_word_holds_what_a_database_would_read_as_its_own(text):
    assert not set("¦'\"\\:*&|!()<> \x00") & set("".join(words(text)))


TEXT = words("The front door squeaks like twelve mice")


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("door", True),
        ("squeaks door", True),
        ("doo", True),
        ("doo squeaks", False),  # only the last word may be a beginning
        ('"doo"', False),
        ('"front door"', True),
        ('"door front"', False),
        ("front-do", True),
        ("-door", True),
        ('"front door', True),  # a quote that is not closed means nothing
        ("oor", False),
        ("mice x", False),
    ],
)
def test_a_search_finds_words_phrases_and_the_beginning_of_the_last(typed, is_found):
    assert Query.parse(typed).fits(TEXT) is is_found


@pytest.mark.parametrize("typed", ["", " ", "%", '"', "-", '-""', "💥"])
def test_without_a_word_to_look_for_it_is_no_search(typed):
    assert not Query.parse(typed)


def test_a_search_is_bounded():
    with pytest.raises(Invalid, match="at most 100 characters"):
        Query.parse("a" * 101)
    with pytest.raises(Invalid, match="at most 20 words"):
        Query.parse(" ".join("abcdefghijklmnopqrstu"))
    assert Query.parse(" ".join("abcdefghijklmnopqrst"))


@given(st.text(max_size=100))
def test_any_text_is_a_search(typed):
    try:
        Query.parse(typed).fits(TEXT)
    except Invalid as error:
        assert "20 words" in error.message
