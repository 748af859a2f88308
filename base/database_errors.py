"""A database that cannot be reached, read or written, as one sentence for whoever runs a command. The driver's words
say why; they name host, port and user, and never a password."""

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

MISSING_TABLES = ("no such table", "no such column")  # SQLite; PostgreSQL has codes
UNDEFINED = ("42P01", "42703")
READ_ONLY, NOT_ALLOWED = "25006", "42501"
LONGEST = 500


def unpooled() -> BaseDatabaseWrapper:
    """Make a connection beside the pool, which would wait for a wrong address and not say why."""
    direct = connection.copy()
    direct.settings_dict["OPTIONS"].pop("pool", None)
    return direct


def database_sentence(error: BaseException) -> str | None:
    """Say the error in one sentence. None for a mistake of ours, which wants its traceback."""
    if not isinstance(error, Error):
        return None
    code = getattr(error.__cause__, "sqlstate", None)
    # Without the driver's questions ('Is the server running?').
    lines = [line.strip() for line in str(error).splitlines() if not line.endswith("?")]
    words = " ".join(lines)[:LONGEST]
    if code in UNDEFINED or words.startswith(MISSING_TABLES):
        return "The database is not up to date. Run: python manage.py migrate"
    # Of DatabaseError itself: a file that is no database. Its other kinds are mistakes.
    away = isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError
    if away or code in (READ_ONLY, NOT_ALLOWED):
        return f"The database cannot be used: {words.rstrip('.')}. See DATABASE_URL."
    return None
