"""Python's values into tables, many at once."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from base.bulk import fill


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Dicts and lists are JSON. The bytes are those that Django would write."""
    plain = _for_postgresql if connection.vendor == "postgresql" else _for_sqlite
    with connection.cursor():  # connects
        fill(model._meta.db_table, columns, ([plain(value) for value in row] for row in rows))


def _for_postgresql(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _for_sqlite(value: Any) -> Any:
    match value:
        case dict() | list():
            return json.dumps(value)
        case uuid.UUID():
            return value.hex
        case dt.datetime():
            return str(value.astimezone(dt.UTC).replace(tzinfo=None))
        case dt.date():
            return value.isoformat()
    return value
