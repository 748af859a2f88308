"""Where a client stands in an organization's log: `<org id>.<position>.<first 8 of that event's digest>`.

The digest part shows when the server's history is not the one that the client saw. Pure.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol, Self

MOST = 4000  # cursors in one text: about as many as a request's head has room for

_SHAPE = re.compile(r"(\d{1,18})\.(\d{1,18})\.([0-9a-f]{8})", re.ASCII)


class LogPlace(Protocol):
    """An event, or where a log ends."""

    organization_id: int
    position: int
    digest: str


class Cursor(NamedTuple):
    org_id: int
    position: int
    check: str

    def __str__(self) -> str:
        return f"{self.org_id}.{self.position}.{self.check}"

    @classmethod
    def at(cls, place: LogPlace) -> Self:
        return cls(place.organization_id, place.position, place.digest[:8])

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a cursor; None where it is none."""
        match = _SHAPE.fullmatch(text)
        return cls(int(match[1]), int(match[2]), match[3]) if match else None


def parse_many(text: str) -> dict[int, Cursor]:
    """Read `"1.41.ab12cd34,2.7.99aa00ff"` into cursors by organization id; what is unreadable is left out. Of several
    for one organization the furthest counts: a client may keep a whole cursor for each."""
    found: dict[int, Cursor] = {}
    for cursor in map(Cursor.parse, text.split(",", MOST)[:MOST]):
        if cursor and (cursor.org_id not in found or found[cursor.org_id].position < cursor.position):
            found[cursor.org_id] = cursor
    return found


def joined(cursors: Iterable[Cursor]) -> str:
    """Write cursors as `parse_many` reads them."""
    return ",".join(map(str, cursors))
