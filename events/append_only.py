"""The database itself refuses to rewrite history: triggers on the log, its texts and its heads, for PostgreSQL and
SQLite.

They hold against mistakes and injected SQL, not against a database owner, who can drop them; the chain shows what was
done then. `install` runs in a migration and after every `migrate`, since SQLite loses triggers with a remade table.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper

Kind = TypeVar("Kind")

REFUSED = (
    "The history is append-only: events are never changed, replaced or deleted, because every later digest builds on "
    "them. To correct something, append an event that corrects it."
)
ARCHIVE_REFUSED = (
    "What stands for events in the archive stays: the digests of the events after them build on it."
)
TEXT_REFUSED = (
    "A text of the history is written with its event, and never changed or replaced, because its event holds its "
    "digest. It can only be erased, together with an event that says so: use `manage.py erase_user`."
)
STREAM_REFUSED = "Another organization has begun this history: all events of a stream stand in one log."
HEAD_REFUSED = "The head of a log only moves forward, and is never deleted: the events that it counts stay."

# A text may come or go only while an event is being appended: it is there, and the log's head does not stand at it
# yet. The head never goes back, so for any older event that moment is over. `{row}` is the text's.
_APPENDING = """FROM {schema}events_taskevent e JOIN {schema}events_taskevent o
ON o.id = {row}.event_id AND o.organization_id = {row}.organization_id
WHERE e.organization_id = {row}.organization_id AND e.position >
COALESCE((SELECT h.position FROM {schema}events_loghead h WHERE h.organization_id = {row}.organization_id), 0)"""
_WRITTEN = "e.id = o.id"
_ERASURE = "e.stream_id = o.stream_id AND e.action = 'texts_erased'"
_NAMES_IT = {
    "postgresql": {
        "erased": "e.details->'erased' @> to_jsonb(o.version)",
        "redacted": "e.details->'redacted' @> jsonb_build_array(jsonb_build_object('version', o.version))",
    },
    "sqlite": {
        "erased": "o.version IN (SELECT value FROM json_each(e.details, '$.erased'))",
        "redacted": "o.version IN (SELECT json_extract(value, '$.version') FROM json_each(e.details, '$.redacted'))",
    },
}


# An event, and the text beside it, may go while a receipt of the archive is being appended that names its stream.
_ARCHIVING = """EXISTS (SELECT 1 FROM {schema}events_archivedstream a JOIN {schema}events_taskevent r
ON r.organization_id = a.organization_id AND r.position = a.receipt AND r.action = 'log_archived'
WHERE a.organization_id = {event}.organization_id AND a.stream_id = {event}.stream_id
AND {event}.version <= a.version AND {event}.position <= {upto} AND r.position >
COALESCE((SELECT h.position FROM {schema}events_loghead h WHERE h.organization_id = a.organization_id), 0))"""
_UPTO = {
    "postgresql": "CAST(r.details->>'upto' AS bigint)",
    "sqlite": "json_extract(r.details, '$.upto')",
}
_ARCHIVING_ITS_EVENT = """EXISTS (SELECT 1 FROM {schema}events_taskevent e
WHERE e.id = OLD.event_id AND e.organization_id = OLD.organization_id AND {archiving})"""


def _archiving(vendor: str, event: str = "OLD") -> str:
    """Give the SQL condition under which an event may go."""
    return _ARCHIVING.replace("{event}", event).replace("{upto}", _UPTO[vendor])


def _allowed(vendor: str, row: str) -> str:
    """Give the SQL condition under which a text may come (`row` is NEW) or go (OLD)."""
    names = _NAMES_IT[vendor]
    if row == "NEW":
        fits = f"{_WRITTEN} OR {_ERASURE} AND {names['redacted']}"
    else:
        fits = f"{_ERASURE} AND ({names['erased']} OR {names['redacted']})"
    allowed = f"EXISTS (SELECT 1 {_APPENDING.replace('{row}', row)} AND ({fits}))"
    if row == "NEW":
        return allowed
    return f"({allowed} OR {_ARCHIVING_ITS_EVENT.replace('{archiving}', _archiving(vendor, 'e'))})"


class Trigger(NamedTuple):
    """On PostgreSQL. For a row where a condition depends on it, else for a whole statement."""

    table: str
    when: str
    function: str
    each: str = "STATEMENT"


# Names of schemas stand in the functions: a temporary table of the same name is no way around.
_RAISE = "RAISE EXCEPTION USING MESSAGE = '{}', ERRCODE = 'restrict_violation';"
_UNLESS = "BEGIN IF {} THEN RETURN {}; END IF; {} END"
# A process of the release before does not say a text's organization.
_FILL = """BEGIN IF NEW.organization_id IS NULL THEN
NEW.organization_id := (SELECT organization_id FROM {schema}events_taskevent WHERE id = NEW.event_id);
END IF;"""
# No constraint holds it: keys have the organization in them. Two organizations that begin the same stream at once come
# one after the other, and a function's statement sees what was committed before it began.
_STREAM_ELSEWHERE = """BEGIN IF NEW.version = 1 THEN
PERFORM pg_advisory_xact_lock(hashtextextended(NEW.stream_id::text, 0));
IF EXISTS (SELECT 1 FROM {schema}events_taskevent WHERE stream_id = NEW.stream_id AND version = 1
AND organization_id <> NEW.organization_id) THEN {raise} END IF;
END IF; RETURN NEW; END"""
POSTGRESQL_FUNCTIONS = {
    "refuse_history_change": f"BEGIN {_RAISE.format(REFUSED)} END",
    "refuse_event_delete": _UNLESS.format(_archiving("postgresql"), "OLD", _RAISE.format(REFUSED)),
    "refuse_text_change": f"BEGIN {_RAISE.format(TEXT_REFUSED)} END",
    "refuse_stream_elsewhere": _STREAM_ELSEWHERE.replace("{raise}", _RAISE.format(STREAM_REFUSED)),
    "refuse_text_insert": _UNLESS.format(
        _allowed("postgresql", "NEW"), "NEW", _RAISE.format(TEXT_REFUSED)
    ).replace("BEGIN", _FILL, 1),
    "refuse_text_delete": _UNLESS.format(_allowed("postgresql", "OLD"), "OLD", _RAISE.format(TEXT_REFUSED)),
    "refuse_head_removal": f"BEGIN {_RAISE.format(HEAD_REFUSED)} END",
    "refuse_head_return": _UNLESS.format(
        "NEW.organization_id = OLD.organization_id AND NEW.position >= OLD.position",
        "NEW",
        _RAISE.format(HEAD_REFUSED),
    ),
}
# ALWAYS, below: a session that calls itself a replica is refused too.
POSTGRESQL_TRIGGERS = {
    "event_append_only": Trigger("events_taskevent", "UPDATE OR TRUNCATE", "refuse_history_change"),
    "event_only_archived": Trigger("events_taskevent", "DELETE", "refuse_event_delete", "ROW"),
    "event_of_one_organization": Trigger("events_taskevent", "INSERT", "refuse_stream_elsewhere", "ROW"),
    "text_not_changed": Trigger("events_eventtext", "UPDATE", "refuse_text_change"),
    "text_not_emptied": Trigger("events_eventtext", "TRUNCATE", "refuse_history_change"),
    "text_only_written": Trigger("events_eventtext", "INSERT", "refuse_text_insert", "ROW"),
    "text_only_erased": Trigger("events_eventtext", "DELETE", "refuse_text_delete", "ROW"),
    "head_not_deleted": Trigger("events_loghead", "DELETE", "refuse_head_removal"),
    "head_not_emptied": Trigger("events_loghead", "TRUNCATE", "refuse_history_change"),
    "head_only_forward": Trigger("events_loghead", "UPDATE", "refuse_head_return", "ROW"),
}

# What is replaced by INSERT OR REPLACE is deleted without a call of the triggers for that: see what stands in its way.
# A stream's first event of another organization does too: no key holds that.
TRIGGER = "CREATE TRIGGER {} BEFORE {}\nBEGIN SELECT RAISE(ABORT, '{}'); END"
REPLACED_EVENT = """INSERT ON events_taskevent
WHEN EXISTS (SELECT 1 FROM events_taskevent WHERE id = NEW.id)
OR EXISTS (SELECT 1 FROM events_taskevent WHERE organization_id = NEW.organization_id AND position = NEW.position)
OR EXISTS (SELECT 1 FROM events_taskevent WHERE stream_id = NEW.stream_id AND version = NEW.version)"""
REPLACED_TEXT = """INSERT ON events_eventtext
WHEN EXISTS (SELECT 1 FROM events_eventtext WHERE event_id = NEW.event_id)"""
REPLACED_HEAD = """INSERT ON events_loghead
WHEN EXISTS (SELECT 1 FROM events_loghead WHERE organization_id = NEW.organization_id)"""
HEAD_BACK = """UPDATE ON events_loghead
WHEN NEW.organization_id <> OLD.organization_id OR NEW.position < OLD.position"""
_TEXT_UNLESS = "{} ON events_eventtext\nWHEN NOT {}"
SQLITE_TRIGGERS = {
    name: TRIGGER.format(name, when.replace("{schema}", ""), sentence)
    for name, when, sentence in (
        ("event_not_changed", "UPDATE ON events_taskevent", REFUSED),
        ("event_not_deleted", f"DELETE ON events_taskevent\nWHEN NOT {_archiving('sqlite')}", REFUSED),
        ("event_not_replaced", REPLACED_EVENT, REFUSED),
        ("text_not_changed", "UPDATE ON events_eventtext", TEXT_REFUSED),
        ("text_not_replaced", REPLACED_TEXT, TEXT_REFUSED),
        ("text_only_written", _TEXT_UNLESS.format("INSERT", _allowed("sqlite", "NEW")), TEXT_REFUSED),
        ("text_only_erased", _TEXT_UNLESS.format("DELETE", _allowed("sqlite", "OLD")), TEXT_REFUSED),
        ("head_not_deleted", "DELETE ON events_loghead", HEAD_REFUSED),
        ("head_not_replaced", REPLACED_HEAD, HEAD_REFUSED),
        ("head_only_forward", HEAD_BACK, HEAD_REFUSED),
    )
}


# Triggers on the tables of other apps, by name: a database that is not migrated yet lacks the table.
_OF_OTHERS: dict[str, str] = {}


def protect(table: str, key: Sequence[str], sentence: str) -> None:
    """Refuse to change, replace or delete a row of this table too, with the sentence. `key`: its primary key. For other
    apps, before the app registry is ready."""
    name = f"{table}_append_only"
    POSTGRESQL_FUNCTIONS[f"refuse_{table}_change"] = f"BEGIN {_RAISE.format(sentence)} END"
    POSTGRESQL_TRIGGERS[name] = Trigger(table, "UPDATE OR DELETE OR TRUNCATE", f"refuse_{table}_change")
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    replaced = f"INSERT ON {table}\nWHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - our own names
    for place, when in (
        ("changed", f"UPDATE ON {table}"),
        ("deleted", f"DELETE ON {table}"),
        ("replaced", replaced),
    ):
        SQLITE_TRIGGERS[f"{table}_not_{place}"] = TRIGGER.format(f"{table}_not_{place}", when, sentence)
        _OF_OTHERS[f"{table}_not_{place}"] = table
    _OF_OTHERS[name] = table


for _table, _column in (("events_archivedstream", "stream_id"), ("events_archivejoint", "position")):
    protect(_table, ["organization_id", _column], ARCHIVE_REFUSED)


def _here(connection: BaseDatabaseWrapper, triggers: dict[str, Kind]) -> dict[str, Kind]:
    """Keep those whose tables this database has."""
    tables = set(connection.introspection.table_names())
    return {name: each for name, each in triggers.items() if _OF_OTHERS.get(name, "events_loghead") in tables}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in its place, whatever is there now."""
    remove(connection)
    if connection.vendor == "sqlite":
        _execute(connection, *_here(connection, SQLITE_TRIGGERS).values())
        return
    for name, body in _bodies(connection).items():
        _execute(connection, f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for name, (table, when, function, each) in _here(connection, POSTGRESQL_TRIGGERS).items():
        _execute(
            connection,
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away: for the way back before the migration, and for the tests' flush. The product
    never does it."""
    if connection.vendor == "sqlite":
        _execute(connection, *(f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS))
        return
    for name, trigger in _here(connection, POSTGRESQL_TRIGGERS).items():
        _execute(connection, f"DROP TRIGGER IF EXISTS {name} ON {trigger.table}")
    _execute(connection, *(f"DROP FUNCTION IF EXISTS {name}()" for name in POSTGRESQL_FUNCTIONS))


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Name the triggers that are not there, not as they were installed, or turned off."""
    if connection.vendor == "sqlite":
        found = dict(_rows(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return [name for name, sql in _here(connection, SQLITE_TRIGGERS).items() if found.get(name) != sql]
    found = {name: rest for name, *rest in _rows(connection, POSTGRESQL_FOUND)}
    return [name for name, wanted in _postgresql_wanted(connection).items() if found.get(name) != wanted]


# tgtype counts these together.
ROW, BEFORE = 1, 2
KINDS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
POSTGRESQL_FOUND = """
SELECT t.tgname, t.tgrelid::regclass::text, t.tgtype::int, t.tgenabled::text, t.tgqual IS NULL, p.prosrc
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgparentid = 0
"""


def _postgresql_wanted(connection: BaseDatabaseWrapper) -> dict[str, list[Any]]:
    bodies = _bodies(connection)
    return {
        name: [
            table,
            BEFORE + (ROW if each == "ROW" else 0) + sum(KINDS[kind] for kind in when.split(" OR ")),
            "A",
            True,
            bodies[function],
        ]
        for name, (table, when, function, each) in _here(connection, POSTGRESQL_TRIGGERS).items()
    }


def _bodies(connection: BaseDatabaseWrapper) -> dict[str, str]:
    ((schema,),) = _rows(connection, "SELECT quote_ident(current_schema())")
    return {name: body.replace("{schema}", f"{schema}.") for name, body in POSTGRESQL_FUNCTIONS.items()}


def _execute(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _rows(connection: BaseDatabaseWrapper, statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
