"""What the database refuses or cannot do just now, in words: each kind has its heading, its sentence and its code."""

from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from base.turns import Busy
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

# Of PostgreSQL, by its SQLSTATE. Others of these classes mean that it goes, comes, or cannot be reached.
STATES = {
    "55P03": BUSY,  # lock_not_available: lock_timeout
    "40P01": BUSY,  # deadlock_detected
    "40001": BUSY,  # serialization_failure
    "57014": SLOW,  # query_canceled: statement_timeout
    "25P03": SLOW,  # idle_in_transaction_session_timeout
    "25P04": SLOW,  # transaction_timeout
    "53100": FULL,
    "25006": READ_ONLY,  # read_only_sql_transaction: a standby
}
# Of SQLite, by the beginning of its sentence.
SENTENCES = {
    "database is locked": BUSY,
    "database table is locked": BUSY,
    "interrupted": SLOW,
    "database or disk is full": FULL,
    "attempt to write a readonly database": READ_ONLY,
}


def unavailable(error: BaseException | None) -> Unavailable | None:
    """Find the sentence for what the database cannot do just now. None for a mistake of ours."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    if isinstance(error, Busy):
        return BUSY
    cause = error.__cause__
    if isinstance(cause, PoolTimeout):
        return CROWDED if health.answers() else AWAY
    if known := STATES.get(getattr(cause, "sqlstate", None) or "") or _by_sentence(str(error)):
        return known
    return AWAY if isinstance(error, OperationalError | InterfaceError) else None


def _by_sentence(text: str) -> Unavailable | None:
    return next((kind for begin, kind in SENTENCES.items() if text.startswith(begin)), None)
