"""Empties the tables after a test that committed. Django's own flush truncates every table, makes permissions and
content types anew and installs all triggers again; here what has no rows is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connection, transaction

from events.append_only import POSTGRESQL_TRIGGERS
from tests.triggers import without_triggers

KEPT = {"django_migrations", "django_content_type", "auth_permission"}  # made by `migrate`, and no test's


def empty_tables() -> None:
    """Delete what stands in any table of a model, in one transaction. Numbers that were given are not given again."""
    filled = _filled()
    if not filled:
        return
    with _nothing_refused(filled), connection.cursor() as cursor:
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")


def _filled() -> list[str]:
    questions = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in _tables())
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(questions))
        return [table for (table,) in cursor.fetchall()]


@cache
def _tables() -> list[str]:
    return sorted({*connection.introspection.django_table_names(only_existing=True)} - KEPT)


@contextmanager
def _nothing_refused(tables: list[str]) -> Iterator[None]:
    """No trigger that keeps the history and no foreign key, until the end of the transaction."""
    guards = {name: each.table for name, each in POSTGRESQL_TRIGGERS.items() if each.table in tables}
    if connection.vendor == "sqlite":
        # Its foreign keys are looked at when the transaction ends.
        with without_triggers() if guards else transaction.atomic():
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name, table in guards.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        yield
        for name, table in guards.items():
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
