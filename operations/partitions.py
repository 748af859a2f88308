"""Splits the tables that grow into parts, on PostgreSQL: past everything that the product knows. Keys, constraints,
indexes and triggers are put back as the migrations made them. All of it is one transaction.

People go on reading while rows are copied and keys are built, for the new tables stand beside the old ones until then;
writers wait from the beginning to the end.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import DatabaseError, OperationalError, connection, transaction

from events import append_only

BY = {
    "events_taskevent": "organization_id",
    "events_eventtext": "organization_id",
    "inbox_notification": "recipient_id",
    "tasks_task": "organization_id",
}
IDS = "events_taskevent_id_seq"
LOCK_TRIES = 200
NEW = "_split"  # ends the names of tables, keys and indexes until they take the old ones' place


class Key(NamedTuple):
    """A constraint, or an index that is of none: the statement that makes it under a new name, and the one that gives
    it its own."""

    make: str
    rename: str
    is_foreign: bool


def is_split() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_partitioned_table)")
        return bool(cursor.fetchone()[0])


def split(parts: int) -> None:
    """Divide each table in `BY`, with its rows, into so many parts. Once is enough."""
    if is_split():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements(parts):
            if statement.startswith("LOCK"):
                _lock(statement)
            else:
                cursor.execute(statement)
        append_only.install(connection)


def _lock(statement: str) -> None:
    """Take several tables at once, or none: whoever holds one and wants another goes first. All that was done before
    would be lost in a deadlock, so nothing is waited for as long as it takes to find one."""
    for left in reversed(range(LOCK_TRIES)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
                cursor.execute(statement)
                cursor.execute("SET LOCAL lock_timeout = 0")
                return
        except OperationalError:
            if not left:
                raise
            time.sleep(0.2)


def statements(parts: int) -> Iterator[str]:
    """Give what is to be run, one after the other, in one transaction; `append_only.install` comes after it."""
    yield f"LOCK TABLE {', '.join([*BY, *_referred()])} IN SHARE ROW EXCLUSIVE MODE"
    rights = [right for table in (*BY, IDS) for right in _rights(table)]
    keys = [key for table in BY for key in _keys(table)]
    for table, column in BY.items():
        yield from _new_table(table, column, parts)
    # A foreign key stands on another table's key.
    keys.sort(key=lambda key: key.is_foreign)
    yield from (key.make for key in keys)
    yield f"LOCK TABLE {', '.join(BY)} IN ACCESS EXCLUSIVE MODE"
    yield f"DROP TABLE {', '.join(BY)} CASCADE"
    yield from (f"ALTER TABLE {table}{NEW} RENAME TO {table}" for table in BY)
    yield from (key.rename for key in keys)
    yield f"ALTER SEQUENCE events_taskevent{NEW}_id_seq RENAME TO {IDS}"
    yield from rights
    yield _PARTS_ARE_READ
    last = "coalesce((SELECT max(id) FROM events_taskevent), 0) + 1, false"
    yield f"SELECT setval(pg_get_serial_sequence('events_taskevent', 'id'), {last})"


def _new_table(table: str, column: str, parts: int) -> Iterator[str]:
    yield (
        f"CREATE TABLE {table}{NEW} (LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY HASH ({column})"
    )
    for part in range(parts):
        yield (
            f"CREATE TABLE {table}_{part} PARTITION OF {table}{NEW} "
            f"FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"
        )
    yield f"INSERT INTO {table}{NEW} SELECT * FROM {table}"  # noqa: S608


_CONSTRAINTS = """
    SELECT conname, contype = 'f', pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype <> 'n' ORDER BY contype <> 'p', conname"""
_INDEXES = """
    SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = %s::regclass AND NOT EXISTS (
        SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')) ORDER BY relname"""


_RIGHTS = """
    SELECT format('GRANT %%s ON %%s %%s TO %%s%%s', privilege_type,
        CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
        CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner
    UNION ALL SELECT format('ALTER TABLE %%s OWNER TO %%s', oid::regclass, relowner::regrole)
    FROM pg_class WHERE oid = %s::regclass AND relkind = 'r' AND pg_get_userbyid(relowner) <> current_user"""


# A dump reads each part. Nobody writes to one past the table's triggers, whatever default privileges there are.
_PARTS_ARE_READ = """DO $$ DECLARE each record; BEGIN
    FOR each IN
        SELECT inhrelid::regclass AS part, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent AND relkind = 'p', aclexplode(relacl)
        WHERE grantee <> relowner AND privilege_type = 'SELECT'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', each.part, each.who);
        EXECUTE format('GRANT SELECT ON %s TO %s', each.part, each.who);
    END LOOP;
END $$"""


def _rights(table: str) -> list[str]:
    """Collect what gives the new table, or sequence, the old one's rights."""
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS, [table, table])
        return [statement for (statement,) in cursor.fetchall()]


def _referred() -> list[str]:
    """Name the other tables that foreign keys refer to: they are locked while the keys are made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' "
            "AND conrelid::regclass::text = ANY(%s) AND NOT confrelid::regclass::text = ANY(%s) ORDER BY 1",
            [[*BY], [*BY]],
        )
        return [name for (name,) in cursor.fetchall()]


def _keys(table: str) -> list[Key]:
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, [table])
        constraints = [_constraint(table, *row) for row in cursor.fetchall()]
        cursor.execute(_INDEXES, [table])
        return constraints + [_index(table, *row) for row in cursor.fetchall()]


def _constraint(table: str, name: str, is_foreign: bool, definition: str) -> Key:
    meanwhile = _meanwhile(name)
    # The tables that it refers to are renamed with it.
    for other in BY:
        definition = definition.replace(f"REFERENCES {other}(", f"REFERENCES {other}{NEW}(")
    return Key(
        f'ALTER TABLE {table}{NEW} ADD CONSTRAINT "{meanwhile}" {definition}',
        f'ALTER TABLE {table} RENAME CONSTRAINT "{meanwhile}" TO "{name}"',
        is_foreign,
    )


def _index(table: str, name: str, definition: str) -> Key:
    meanwhile = _meanwhile(name)
    made = definition.replace(f"INDEX {name} ON", f'INDEX "{meanwhile}" ON', 1).replace(
        f" ON public.{table} ", f" ON public.{table}{NEW} ", 1
    )
    return Key(made, f'ALTER INDEX "{meanwhile}" RENAME TO "{name}"', is_foreign=False)


def _meanwhile(name: str) -> str:
    return f"{name[:50]}{NEW}" if len(name) <= 50 else f"{name[:24]}{name[-24:]}{NEW}"


def bytes_needed() -> int:
    """Say how much room the new tables take before the old ones go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) name", [[*BY]]
        )
        return int(cursor.fetchone()[0])


def bytes_free() -> int | None:
    """Say how much room there is, where the server's files are on this machine and we may know where; else None."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            directory = Path(cursor.fetchone()[0])
        return shutil.disk_usage(directory).free if (directory / "PG_VERSION").exists() else None
    except (DatabaseError, OSError):
        return None
