"""Many rows into a table, by the fastest way that each database has."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql


def fill(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Values as the database takes them: JSON as text, on SQLite also times and ids. `table` is a name of our own."""
    if connection.vendor == "postgresql":
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with (
            connection.wrap_database_errors,
            psycopg.Cursor(connection.connection) as raw,
            raw.copy(statement) as copy,
        ):
            for row in rows:
                copy.write_row(row)
    else:
        places = ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", list(rows))  # noqa: S608
