"""@names in free text. Pure.

A user name may hold @ . + - _ itself, so where one ends can be told only by who there is: of all that may be meant,
the longest name that somebody has.
"""

import re
from collections.abc import Collection, Iterator
from unicodedata import normalize

from base.at_names import NAME_CHARACTERS
from orgs.names import USER_NAME_LIMIT, name_key

# An @ with what may follow it. After a character of a name it is part of an address and mentions nobody.
_MENTION = re.compile(rf"(?<![{NAME_CHARACTERS}])[@＠]([{NAME_CHARACTERS}]+)")
# A place where a name may end: anywhere but within a word.
_END = re.compile(r"(?<=.)(?!(?<=\w)\w)", re.DOTALL)


def possible_names(text: str) -> set[str]:
    """Find the keys (`orgs.names.name_key`) of all that may be meant."""
    return {key for written in _MENTION.findall(text) for _, key in _readings(written)}


def mentioned_names(text: str, names: Collection[str]) -> list[str]:
    """Find the keys of those of these names that are mentioned, each once, in order of first mention."""
    found = (_longest(written, names) for written in _MENTION.findall(text))
    return list(dict.fromkeys(key for _, key in filter(None, found)))


def meant(written: str, names: Collection[str]) -> tuple[str, str, str] | None:
    """Read what follows an @: the name, what goes on after it, and the key of the name; None where it is nobody's."""
    found = _longest(written, names)
    return found and (
        normalize("NFKC", written)[: found[0]],
        normalize("NFKC", written)[found[0] :],
        found[1],
    )


def unmeant_names(text: str, names: Collection[str]) -> list[str]:
    """List what stands after an @ and is nobody's name, each once, in order."""
    written = [each.rstrip(".-+") for each in _MENTION.findall(text) if not _longest(each, names)]
    return list(dict.fromkeys(each for each in written if each))


def with_name_replaced(text: str, name: str, new: str, others: Collection[str] = ()) -> str:
    """Write `new` for one person's name wherever they are mentioned. `others` are the keys of other people's
    names: what begins like the one and is another, or may be, is left alone."""
    own = name_key(name)
    names = {own, *others}

    def replaced(found: re.Match[str]) -> str:
        match _longest(found[1], names):
            case (end, key) if key == own:
                return f"@{new}{normalize('NFKC', found[1])[end:]}"
            case _:
                return found[0]

    return _MENTION.sub(replaced, text)


def _longest(written: str, names: Collection[str]) -> tuple[int, str] | None:
    return next((reading for reading in _readings(written) if reading[1] in names), None)


def _readings(written: str) -> Iterator[tuple[int, str]]:
    """Find where the name may end, with its key if it does: the longest first."""
    # Four characters may become one by normal form; beyond that no name can reach.
    normal = normalize("NFKC", written[: 4 * USER_NAME_LIMIT + 1])
    ends = [found.start() for found in _END.finditer(normal, 0, USER_NAME_LIMIT + 1)]
    for end in reversed(ends):
        if end <= USER_NAME_LIMIT:
            yield end, name_key(normal[:end])
