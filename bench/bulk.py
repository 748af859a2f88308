"""Rows into tables by the fastest way that each database has."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import Cursor, sql
from psycopg.types.json import Jsonb


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Values are as Python has them; dicts and lists are JSON."""
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        with Cursor(connection.connection) as cursor:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with cursor.copy(copy) as copying:
                for row in rows:
                    copying.write_row([Jsonb(v) if isinstance(v, dict | list) else v for v in row])
        return
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    connection.connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({places})", ([_plain(value) for value in row] for row in rows)
    )


def _plain(value: Any) -> Any:
    """As Django stores it in SQLite."""
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
