"""What drivers give for a column in a statement of our own, in one type on both databases. Pure."""

import datetime as dt
import uuid
from typing import Any


def uuid_in_column(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def moment_in_column(value: Any) -> dt.datetime:
    """Give the moment with its zone: SQLite has it without one, in UTC."""
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
