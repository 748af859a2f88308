"""What it is that the database cannot do just now, and whom to tell of it."""

from enum import Enum, auto

from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from base.connections import Left
from base.dependencies import DATABASE, WRITING
from base.turns import Busy


class Trouble(Enum):
    AWAY = auto()
    CROWDED = auto()  # or away: no connection came free in time
    BUSY = auto()
    SLOW = auto()
    FULL = auto()
    READ_ONLY = auto()


# Of PostgreSQL, by its SQLSTATE. Others of these classes mean that it goes, comes, or cannot be reached.
STATES = {
    "55P03": Trouble.BUSY,  # lock_not_available: lock_timeout
    "40P01": Trouble.BUSY,  # deadlock_detected
    "40001": Trouble.BUSY,  # serialization_failure
    "57014": Trouble.SLOW,  # query_canceled: statement_timeout
    "25P03": Trouble.SLOW,  # idle_in_transaction_session_timeout
    "25P04": Trouble.SLOW,  # transaction_timeout
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,  # read_only_sql_transaction: a standby
}
# Of SQLite, by the beginning of its sentence.
SENTENCES = {
    "database is locked": Trouble.BUSY,
    "database table is locked": Trouble.BUSY,
    "interrupted": Trouble.SLOW,
    "database or disk is full": Trouble.FULL,
    "attempt to write a readonly database": Trouble.READ_ONLY,
}


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Say what it is. None for a mistake of ours."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    if isinstance(error, Busy):
        return Trouble.BUSY
    cause = error.__cause__
    if isinstance(cause, PoolTimeout):
        return Trouble.CROWDED
    if known := STATES.get(getattr(cause, "sqlstate", None) or "") or _by_sentence(str(error)):
        return known
    return Trouble.AWAY if isinstance(error, OperationalError | InterfaceError) else None


def tell(error: BaseException | None) -> bool:
    """Have it told of once where the error says that the database is away, or takes no changes. Says whether it does.
    A pool without a free connection is told of by whoever looks whether the database answers."""
    trouble = None if isinstance(error, Left) else trouble_of(error)
    if trouble is Trouble.AWAY:
        DATABASE.failed(str(error))
    elif trouble in (Trouble.FULL, Trouble.READ_ONLY):
        WRITING.failed(str(error))
    return trouble in (Trouble.AWAY, Trouble.FULL, Trouble.READ_ONLY)


def _by_sentence(text: str) -> Trouble | None:
    return next((kind for begin, kind in SENTENCES.items() if text.startswith(begin)), None)
