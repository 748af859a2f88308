"""What a word is, for the index and for a search alike: whatever the language, and on both databases. Pure.

Letters and digits with their marks, in small letters and without accents. Where a script writes no spaces, each
ideograph and kana is a word of its own, and a run of them a phrase.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

from base.errors import Invalid
from base.plain_text import LONGEST_SEARCH

LONGEST_WORD = 100  # characters: the rest of a longer one is not looked at
MOST_WORDS = 20  # in one search

_ACCENTS = re.compile("[\u0300-\u036f]")
_MARKS = "".join(mark for mark in map(chr, range(0x370, 0x10000)) if unicodedata.category(mark)[0] == "M")
_ALONE = "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}])[^\W_])(?:(?![{_ALONE}])(?:[^\W_]|[{_MARKS}]))*")
# A quoted phrase, or what stands between spaces.
_PART = re.compile(r'"([^"]*)"|(\S+)')


def words(text: str) -> list[str]:
    """List the words in order: of `Café-Bar 12`, `cafe`, `bar` and `12`."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return [word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFKC", plain))]


class Phrase(NamedTuple):
    """Words that follow one another."""

    words: tuple[str, ...]
    is_begun: bool = False  # the last may be the beginning of a longer one

    def stands_in(self, text: Sequence[str]) -> bool:
        *before, last = self.words
        ends = range(len(before), len(text))
        return any(
            (text[end].startswith(last) if self.is_begun else text[end] == last)
            and all(text[end - len(before) + step] == word for step, word in enumerate(before))
            for end in ends
        )


class Query(NamedTuple):
    """What is searched for: all these phrases."""

    phrases: tuple[Phrase, ...]

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Read what was typed. Any text is a search: of words, of `"words that follow one another"`, and of
        what the last word begins. Raises Invalid for one that is too long."""
        if len(typed) > LONGEST_SEARCH:
            raise Invalid(f"A search has at most {LONGEST_SEARCH} characters. Shorten it.")
        phrases = tuple(_phrases(typed))
        if sum(len(phrase.words) for phrase in phrases) > MOST_WORDS:
            raise Invalid(f"A search has at most {MOST_WORDS} words. Leave some out.")
        return cls(phrases)

    def __bool__(self) -> bool:
        """Say whether it looks for anything."""
        return bool(self.phrases)

    def fits(self, text: Sequence[str]) -> bool:
        """Say whether these words, in order, are what is searched for."""
        return all(phrase.stands_in(text) for phrase in self.phrases)


def _phrases(typed: str) -> Iterator[Phrase]:
    """Find the phrases. What stands between spaces is one too: `front-door`, `ACME-12`."""
    parts = list(_PART.finditer(typed))
    for part in parts:
        quoted, bare = part.groups()
        if found := words(bare if quoted is None else quoted):
            yield Phrase(tuple(found), is_begun=quoted is None and part is parts[-1])
