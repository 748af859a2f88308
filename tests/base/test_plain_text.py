"""What people type, made ready; and what can be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.plain_text import can_be_seen, line_of, text_of

INVISIBLE = {
    "nothing": "",
    "spaces": " \t\n\u00a0\u2003\u3000\u2028",
    "zero width space": "\u200b",
    "joiners": "\u200c\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "grapheme joiner": "\u034f",
    "variation selectors": "\ufe0e\ufe0f\U000e0100",
    "Mongolian vowel separator": "\u180e",
    "Hangul fillers": "\u3164\u115f\u1160\uffa0",
    "braille blank": "\u2800",
    "null note": "\U0001d159",
    "hieroglyph blanks": "\U00013441\U00013442",
    "marks of direction": "\u200e\u200f\u061c\u202a\u202e\u2066\u2069",
    "interlinear marks": "\ufff9\ufffb",
    "tags": "\U000e0001\U000e0061\U000e007f",
    "marks on nothing": "\u0301\u0308\u20dd",
    "unassigned": "\u0378\U000e0fff",
    "private": "\ue000\U0010fffd",
    "no character": "\uffff",
    "controls": "\x00\x07\x1b\x7f\x9b",
    "halves of a pair": "\ud83d",
    "many together": "\u200b \ufeff\n\u3164",
}


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_what_leaves_no_mark_cannot_be_seen(text):
    assert not can_be_seen(text)
    assert not can_be_seen(line_of(text))
    assert can_be_seen(text + "x")


@pytest.mark.parametrize(
    "text", ["x", "門", "ä", "e\u0301", "7", "½", "?", "→", "🚪", "👩\u200d🚒", "🫨", "\U0001fae9", "ｱ", "٣"]
)
def test_what_leaves_one_can(text):
    assert can_be_seen(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("\r\n one \r\n", "one"),
        ("a\x00b\x07c\x1bd\x7f", "abcd"),
        ("page\x0cand line\x0bbreaks\x85", "page\nand line\nbreaks"),
        ("tab\tstays", "tab\tstays"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("\u202eא\u202c", "\u202eא\u202c"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_a_text_is_made_ready(typed, kept):
    assert text_of(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mend\r\nthe\u2028 \t door ", "Mend the door"),
        ("pay \u202e001\u202c now", "pay 001 now"),
        ("\u2067a\u2069\u202ab\u202d", "ab"),
        ("👩\u200d🚒 می\u200cخواهم \u200fא", "👩\u200d🚒 می\u200cخواهم \u200fא"),
    ],
)
def test_a_line_is_made_ready(typed, kept):
    assert line_of(typed) == kept


@given(st.text())
def test_a_text_is_never_longer_than_a_browser_counts_it(typed):
    """A browser counts UTF-16 units, and one for each line break; then it sends two."""
    in_the_page = typed.replace("\r\n", "\n").replace("\r", "\n")
    units = sum(2 if character > "\uffff" else 1 for character in in_the_page)
    sent = in_the_page.replace("\n", "\r\n")
    assert len(line_of(sent)) <= len(text_of(sent)) <= units


@given(st.text())
def test_made_ready_twice_is_made_ready_once(typed):
    assert text_of(text_of(typed)) == text_of(typed)
    assert line_of(line_of(typed)) == line_of(typed)
