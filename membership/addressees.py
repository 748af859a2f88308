"""Whom an invitation is for: an address, or somebody's user name. Pasted text becomes lines that say what each of them
is. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from orgs.names import name_key

MOST = 200  # lines at a time
LONGEST = 254  # characters of an address (RFC 5321)

# What stands between addresses, but within a name in quotes: `"Doe, Jane" <jane@example.com>`.
_PIECE = re.compile(r'(?:"[^"\n]*"|<[^<>\n]*>|[^,;\n])+')
_IN_BRACKETS = re.compile(r"<\s*([^<>]*?)\s*>\s*$")
_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+",
    re.IGNORECASE,
)


class Addressee(NamedTuple):
    """`key` is what it is compared by; `address` is empty for a user name."""

    typed: str
    key: str
    address: str


class Line(NamedTuple):
    """One piece of what was pasted; `address` is empty where it is none."""

    typed: str
    address: str
    is_twice: bool


def address_key(address: str) -> str:
    """Fold an address to what it is compared by, as allauth keeps it."""
    return address.strip().lower()


def addressee(typed: str) -> Addressee | None:
    """Read an address or a user name; None where it can be neither."""
    typed = typed.strip()
    if address := _address_in(typed):
        return Addressee(address, address, address)
    if not typed or "@" in typed or not typed.isprintable() or len(typed.split()) > 1:
        return None
    return Addressee(typed, f"@{name_key(typed)}", "")


def lines(text: str) -> list[Line]:
    """Read pasted text, whatever stands between the addresses."""
    found: list[Line] = []
    known: set[str] = set()
    for typed in _pieces(text):
        address = _address_in(typed)
        found.append(Line(typed, address, bool(address) and address in known))
        known.add(address)
    return found


def _pieces(text: str) -> Iterator[str]:
    """Divide at commas, semicolons and line ends; at spaces where a piece is nothing but addresses."""
    for piece in _PIECE.findall(text.replace("\r", "\n")):
        words = piece.split()
        if len(words) > 1 and all("@" in word for word in words):
            yield from words
        elif words:
            yield " ".join(words)


def _address_in(typed: str) -> str:
    """Find the address in `Jane Doe <jane@example.com>`, `mailto:jane@example.com` or the address itself."""
    bracketed = _IN_BRACKETS.search(typed)
    bare = (bracketed[1] if bracketed else typed).removeprefix("mailto:")
    address = address_key(bare)
    fits = len(address) <= LONGEST and len(address.partition("@")[0]) <= 64
    return address if fits and ".." not in address and _ADDRESS.fullmatch(address) else ""
