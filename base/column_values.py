"""What a column holds in a statement of our own, in one type on both databases."""

import datetime as dt
import uuid
from typing import Any

from django.db import connection


def uuid_in_column(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def uuid_for_column(value: uuid.UUID) -> uuid.UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex


def moment_in_column(value: Any) -> dt.datetime:
    """Give the moment with its zone: SQLite has it without one, in UTC."""
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
