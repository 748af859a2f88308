"""A trigger that keeps the user name that an account had, by whatever statement it gets another: pages, the shell, SQL.

Erasing needs it (`tasks/erasure.py`). SQLite loses triggers with a remade table, so `install` runs after every
`migrate` too.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

MIGRATION = ("orgs", "0005_former_user_names")

_KEEP = "INSERT INTO {}orgs_formerusername (user_id, name) VALUES (OLD.id, OLD.username);"
_WHEN = "AFTER UPDATE OF username ON orgs_user FOR EACH ROW WHEN (OLD.username <> NEW.username)"
_SQLITE = f"CREATE TRIGGER IF NOT EXISTS former_user_name_kept {_WHEN} BEGIN {_KEEP.format('')} END"
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION keep_former_user_name() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$BEGIN {_KEEP} RETURN NULL; END$$",
    "DROP TRIGGER IF EXISTS former_user_name_kept ON orgs_user",
    f"CREATE TRIGGER former_user_name_kept {_WHEN} EXECUTE FUNCTION keep_former_user_name()",
)


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(_SQLITE)
            return
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = f"{cursor.fetchone()[0]}."
        for statement in _POSTGRESQL:
            cursor.execute(statement.format(schema))


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS former_user_name_kept")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS former_user_name_kept ON orgs_user")
            cursor.execute("DROP FUNCTION IF EXISTS keep_former_user_name()")


def put_back(*, using: str, **_: Any) -> None:
    """Make the trigger anew after every `migrate`."""
    connection = connections[using]
    if connection.vendor == "sqlite" and MIGRATION in MigrationRecorder(connection).applied_migrations():
        install(connection)
