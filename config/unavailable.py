"""What the database refuses or cannot do just now, in words: each kind has its heading, its sentence and its code."""

from typing import NamedTuple

from base.database_troubles import Trouble, trouble_of
from config import health


class Unavailable(NamedTuple):
    code: str
    heading: str
    words: str
    logged: str


AWAY = Unavailable(
    "unavailable",
    "Away for a moment",
    "The database does not answer just now. Nothing is lost. Wait a moment and try again.",
    "The database does not answer",
)
CROWDED = Unavailable(
    "crowded",
    "Too many at once",
    "Too many people are asking at once, and your turn did not come. Nothing was changed. Wait a moment and try again.",
    "No database connection is free",
)
BUSY = Unavailable(
    "busy",
    "Too many are writing",
    "Many people are writing to the same organization just now. Nothing of yours was saved. Go back, wait a moment and "
    "send it again.",
    "Too many wait to write",
)
SLOW = Unavailable(
    "too_slow",
    "That took too long",
    "That took too long and was stopped. Nothing was changed. Narrow the search, or try again in a moment.",
    "A statement took too long",
)
FULL = Unavailable(
    "disk_full",
    "No room left",
    "The database has no room left. Nothing of yours was saved. Tell whoever runs this service.",
    "The database has no room left",
)
READ_ONLY = Unavailable(
    "read_only",
    "Read-only for a moment",
    "The database can be read but not changed just now. Nothing of yours was saved. Try again in a few minutes.",
    "The database takes no changes",
)

KINDS = {
    Trouble.BUSY: BUSY,
    Trouble.SLOW: SLOW,
    Trouble.FULL: FULL,
    Trouble.READ_ONLY: READ_ONLY,
    Trouble.AWAY: AWAY,
}


def unavailable(error: BaseException | None) -> Unavailable | None:
    """Find the sentence for what the database cannot do just now. None for a mistake of ours."""
    trouble = trouble_of(error)
    if trouble is Trouble.CROWDED:
        return CROWDED if health.answers() else AWAY
    return KINDS[trouble] if trouble else None
