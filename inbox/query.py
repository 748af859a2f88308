"""The words of the inbox's one field: `is:unread org:acme -reason:org from:bob "signing keys"`. Pure.

What they name, people and tasks, `wanted` looks up. A word that cannot be read gets a sentence, and hides nothing.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, Self

from inbox.reasons import ASSIGNED, MENTIONED, ORG, reasons
from inbox.spans import Span
from inbox.states import ALL, INBOX, VIEWS, State

LONGEST = 2_000  # characters
MOST_WORDS = 40
MOST_EXCLUDED_TEXTS = 3  # each is a search of its own

STATES = {**VIEWS, "read": frozenset({State.READ}), "all": ALL}
KINDS = ("is", "org", "reason", "task", "from", "news")
TEXT = ""  # the kind of a word that is searched for
MINE = "mine"  # every reason but these three
SYNONYMS = {"mentions": MENTIONED, "assignments": ASSIGNED, "everything": ORG}

# A word of a kind or none, quoted or not; a quote that nobody closed goes to the end.
_WORD = re.compile(r'(?=\S)(?P<minus>-?)(?:(?P<kind>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>\S*))')


class Word(NamedTuple):
    kind: str
    value: str
    negated: bool = False
    quoted: bool = False

    @property
    def is_text(self) -> bool:
        return self.kind == TEXT

    @property
    def searched(self) -> str:
        """Give a text as `search` reads it."""
        return str(self._replace(negated=False))

    def __str__(self) -> str:
        value = f'"{self.value}"' if self.quoted or re.search(r"\s", self.value) else self.value
        return f"{'-' if self.negated else ''}{self.kind}{':' if self.kind else ''}{value}"


class Query(NamedTuple):
    """`faults`: a sentence for each word that was left out."""

    words: tuple[Word, ...] = ()
    faults: tuple[str, ...] = ()

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Read what was typed, whatever it is."""
        words: dict[Word, None] = {}
        faults = []
        if len(typed) > LONGEST:
            faults.append(f"A search has at most {LONGEST:,} characters. What comes after them was left out.")
        for word in _words(typed[:LONGEST]):
            if fault := _fault(word) or _surplus(word, words):
                faults.append(fault)
            else:
                words[word] = None
        return cls(tuple(words), tuple(dict.fromkeys(faults)))

    def __str__(self) -> str:
        return " ".join(map(str, self.words))

    def values(self, kind: str, *, negated: bool = False) -> list[str]:
        return [word.value for word in self.words if (word.kind, word.negated) == (kind, negated)]

    def with_only(self, kind: str, *values: str) -> "Query":
        """Put these in the place of all words of the kind; none takes them away."""
        others = [word for word in self.words if word.kind != kind]
        return Query((*(Word(kind, value) for value in values), *others))

    @property
    def states(self) -> frozenset[State]:
        """Say in which states it finds something: the inbox's, unless it says others."""
        named = [STATES[value] for value in self.values("is")]
        excluded = [STATES[value] for value in self.values("is", negated=True)]
        return frozenset[State]().union(*named or [INBOX]).difference(*excluded)

    @property
    def reasons(self) -> frozenset[str] | None:
        """Say for which reasons; None for all."""
        named, excluded = self.values("reason"), self.values("reason", negated=True)
        if not named and not excluded:
            return None
        found = _codes(named) if named else frozenset(reasons())
        return found - _codes(excluded)


def of_address(q: str, show: str = "", org: str = "", reason: str = "") -> Query:
    """Read an address: its words, and what older addresses say by `show`, `org` and `reason`."""
    older = [
        Word("is", show.lower()) if show in STATES and show != "all" else None,
        Word("org", org.lower()) if org else None,
        Word("reason", reason) if reason in reasons() else None,
    ]
    return Query.parse(" ".join([*(str(word) for word in older if word), q]))


def _words(typed: str) -> Iterator[Word]:
    for found in _WORD.finditer(typed):
        minus, kind, quoted, bare = found.groups()
        value = quoted if bare is None else bare
        kind = (kind or TEXT).lower()
        if kind in KINDS and kind != "from":
            value = value.lower()
        value = SYNONYMS.get(value, value) if kind == "reason" else value
        if value.strip() or kind:
            yield Word(kind, value.strip(), bool(minus), bare is None)


def _fault(word: Word) -> str:
    if word.kind == TEXT:
        return ""
    if word.kind not in KINDS:
        kinds = ", ".join(f"{kind}:" for kind in KINDS)
        return f"“{word}” is not a filter; there are {kinds}. To search for it, put it in quotes."
    if not word.value:
        return f"“{word.kind}:” needs a word after the colon."
    if word.kind == "is" and word.value not in STATES:
        return f"“{word}” is not a list: is: takes {', '.join(STATES)}."
    if word.kind == "reason" and word.value not in (*reasons(), MINE):
        return f"“{word}” is not a reason: reason: takes {', '.join(reasons())} or {MINE}."
    if word.kind == "news" and Span.read(word.value) is None:
        return f"“{word}” names no news. Write it as news:acme.301-317, the lower number first."
    return ""


def _surplus(word: Word, words: dict[Word, None]) -> str:
    if len(words) >= MOST_WORDS:
        return f"A search has at most {MOST_WORDS} words. The others were left out."
    excluded = sum(each.kind == TEXT and each.negated for each in words)
    if word.kind == TEXT and word.negated and word not in words and excluded >= MOST_EXCLUDED_TEXTS:
        return f"At most {MOST_EXCLUDED_TEXTS} texts can be excluded. “{word}” was left out."
    return ""


def _codes(values: list[str]) -> frozenset[str]:
    mine = frozenset(reasons()) - {MENTIONED, ASSIGNED, ORG}
    return frozenset[str]().union(*(mine if value == MINE else {value} for value in values))
