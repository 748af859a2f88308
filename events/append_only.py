"""The database itself refuses to rewrite history: triggers on the log and on its texts, for PostgreSQL and SQLite.

They hold against mistakes and injected SQL, not against a database owner, who can drop them; the chain shows what was
done then. `install` runs in a migration and after every `migrate`, since SQLite loses triggers with a remade table.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

REFUSED = (
    "The history is append-only: events are never changed, replaced or deleted, because every later digest builds on "
    "them. To correct something, append an event that corrects it."
)
TEXT_REFUSED = (
    "A text of the history is never changed or replaced, because its event holds its digest. It can only be deleted, "
    "by erasing its author."
)

# Statement triggers: an INSERT never meets them. ALWAYS: a session that calls itself a replica is refused too.
RAISE = "BEGIN RAISE EXCEPTION USING MESSAGE = '{}', ERRCODE = 'restrict_violation'; END"
POSTGRESQL_FUNCTIONS = {
    "refuse_history_change": RAISE.format(REFUSED),
    "refuse_text_change": RAISE.format(TEXT_REFUSED),
}
# Name -> (table, when, function)
POSTGRESQL_TRIGGERS = {
    "event_append_only": ("events_taskevent", "UPDATE OR DELETE OR TRUNCATE", "refuse_history_change"),
    "text_not_changed": ("events_eventtext", "UPDATE", "refuse_text_change"),
}

# What is replaced by INSERT OR REPLACE is deleted without a call of the triggers for that: see what stands in its way.
TRIGGER = "CREATE TRIGGER {} BEFORE {}\nBEGIN SELECT RAISE(ABORT, '{}'); END"
REPLACED_EVENT = """INSERT ON events_taskevent
WHEN EXISTS (SELECT 1 FROM events_taskevent WHERE id = NEW.id)
OR EXISTS (SELECT 1 FROM events_taskevent WHERE organization_id = NEW.organization_id AND position = NEW.position)
OR EXISTS (SELECT 1 FROM events_taskevent WHERE stream_id = NEW.stream_id AND version = NEW.version)"""
REPLACED_TEXT = """INSERT ON events_eventtext
WHEN EXISTS (SELECT 1 FROM events_eventtext WHERE event_id = NEW.event_id)"""
SQLITE_TRIGGERS = {
    name: TRIGGER.format(name, when, sentence)
    for name, when, sentence in (
        ("event_not_changed", "UPDATE ON events_taskevent", REFUSED),
        ("event_not_deleted", "DELETE ON events_taskevent", REFUSED),
        ("event_not_replaced", REPLACED_EVENT, REFUSED),
        ("text_not_changed", "UPDATE ON events_eventtext", TEXT_REFUSED),
        ("text_not_replaced", REPLACED_TEXT, TEXT_REFUSED),
    )
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in its place, whatever is there now."""
    remove(connection)
    if connection.vendor == "sqlite":
        _execute(connection, *SQLITE_TRIGGERS.values())
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        _execute(connection, f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for name, (table, when, function) in POSTGRESQL_TRIGGERS.items():
        _execute(
            connection,
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Going back before the migration does this, and the tests' flush. The product never does."""
    if connection.vendor == "sqlite":
        _execute(connection, *(f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS))
        return
    for name, (table, _, _) in POSTGRESQL_TRIGGERS.items():
        _execute(connection, f"DROP TRIGGER IF EXISTS {name} ON {table}")
    _execute(connection, *(f"DROP FUNCTION IF EXISTS {name}()" for name in POSTGRESQL_FUNCTIONS))


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that are not there, not as they were installed, or turned off."""
    if connection.vendor == "sqlite":
        found = dict(_rows(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return [name for name, sql in SQLITE_TRIGGERS.items() if found.get(name) != sql]
    found = {name: rest for name, *rest in _rows(connection, POSTGRESQL_FOUND)}
    return [name for name, wanted in _postgresql_wanted().items() if found.get(name) != wanted]


# tgtype counts 2 for BEFORE; 1 would be FOR EACH ROW.
KINDS = {"UPDATE": 16, "DELETE": 8, "TRUNCATE": 32}
POSTGRESQL_FOUND = """
SELECT t.tgname, t.tgrelid::regclass::text, t.tgtype::int, t.tgenabled::text, t.tgqual IS NULL, p.prosrc
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
"""


def _postgresql_wanted() -> dict[str, list[Any]]:
    return {
        name: [
            table,
            2 + sum(KINDS[kind] for kind in when.split(" OR ")),
            "A",
            True,
            POSTGRESQL_FUNCTIONS[function],
        ]
        for name, (table, when, function) in POSTGRESQL_TRIGGERS.items()
    }


def _execute(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _rows(connection: BaseDatabaseWrapper, statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
