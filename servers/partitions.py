"""Partitions the migrated tables that grow, on PostgreSQL: as an operator could, and past everything that the product
knows. Keys, constraints, indexes and triggers are put back as the migrations made them."""

import os
from typing import Any

from django.db import connection, transaction

from events import append_only

BY = {
    "events_taskevent": "organization_id",
    "events_eventtext": "organization_id",
    "inbox_notification": "recipient_id",
    "tasks_task": "organization_id",
}
PARTITIONED = (
    "PARTITIONED"  # in the environment: into how many parts test databases and fault databases are split
)


def parts_wanted() -> int:
    """Read how many parts are wanted; 0 on SQLite, which partitions nothing."""
    return int(os.environ.get(PARTITIONED) or 0) if connection.vendor == "postgresql" else 0


def split(parts: int) -> None:
    """Divide each table in `BY`, with its rows, into so many parts. Once is enough."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_partitioned_table")
        if cursor.fetchall():
            return
        append_only.remove(connection)
        put_back = [statement for table in BY for statement in _keys(cursor, table)]
        for table, column in BY.items():
            _fill_parts(cursor, table, column, parts)
        for table in BY:
            cursor.execute(f"DROP TABLE {table} CASCADE")
            cursor.execute(f"ALTER TABLE {table}_split RENAME TO {table}")
        # A foreign key stands on another table's key.
        for statement in sorted(put_back, key=lambda statement: "FOREIGN KEY" in statement):
            cursor.execute(statement)
        last = "coalesce((SELECT max(id) FROM events_taskevent), 0) + 1, false"
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('events_taskevent', 'id'), {last})")
        append_only.install(connection)


def _keys(cursor: Any, table: str) -> list[str]:
    """Collect the statements that make the table's constraints, and the indexes that are of none."""
    cursor.execute(
        "SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, "
        "pg_get_constraintdef(oid)) "
        "FROM pg_constraint WHERE conrelid = %s::regclass AND contype <> 'n' "
        "UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
        [table, table],
    )
    return [statement for (statement,) in cursor.fetchall()]


def _fill_parts(cursor: Any, table: str, column: str, parts: int) -> None:
    cursor.execute(
        f"CREATE TABLE {table}_split (LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY HASH ({column})"
    )
    for part in range(parts):
        cursor.execute(
            f"CREATE TABLE {table}_{part} PARTITION OF {table}_split "
            f"FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"
        )
    cursor.execute(f"INSERT INTO {table}_split SELECT * FROM {table}")
