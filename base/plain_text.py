"""What people type, made ready before it is counted, judged and kept. Pure.

A length is the number of Unicode characters, a line break being one: never more than what a browser's `maxlength`
counts (UTF-16 units), so nothing that a page let through is too long here.
"""

import re
import unicodedata

LONGEST_SEARCH = 100  # characters

# Characters that a text never holds: NUL, which PostgreSQL cannot keep, the other controls, and halves of a pair.
_UNUSABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85]")
# They turn around what follows, beyond their own line of a page: a title or name could show another one's words.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Letters and symbols that are blank by intent: Hangul fillers, the braille blank, a null note, hieroglyph blanks.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159\U00013441\U00013442")
# Unicode keeps these for pictures: one that is newer than our tables is seen all the same.
_PICTURES = re.compile("[\U0001f000-\U0001faff\U0001fc00-\U0001fffd]")


def text_of(typed: str) -> str:
    """Keep a text of several lines: with plain line ends, without what cannot be kept, and without space around it."""
    return _UNUSABLE.sub("", _LINE_BREAKS.sub("\n", typed)).strip()


def line_of(typed: str) -> str:
    """Keep a title or a name as one line, with single spaces and nothing that turns its letters or its surroundings
    around."""
    return " ".join(_TURNS.sub("", text_of(typed)).split())


def can_be_seen(text: str) -> bool:
    """Say whether some character leaves a mark. Marks on nothing, private and unassigned characters do not count."""
    return any(map(_leaves_a_mark, text))


def _leaves_a_mark(character: str) -> bool:
    if character.isascii():
        return character > " " and character != "\x7f"
    if character in _BLANKS:
        return False
    return unicodedata.category(character)[0] in "LNPS" or bool(_PICTURES.match(character))
