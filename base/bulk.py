"""Many rows out of a query and into a table, by the fastest way that each database has."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

CHUNK = 1000  # rows that PostgreSQL hands over at once


def stream(query: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as the database gives them, past Django's converters. PostgreSQL reads on while Python works. Until
    the last is taken, the connection serves nothing else."""
    statement, parameters = query.query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as raw:
                yield from raw.stream(statement, parameters, size=CHUNK, binary=True)
        else:
            cursor.execute(statement, parameters)
            yield from cursor


def fill(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values as the database takes them: JSON as text, on SQLite also times and ids. `table` is a name
    of our own, never one that somebody sent."""
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
