"""The database refuses to rewrite history, whoever asks and however; only the tests' own switch lets it be flushed."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from events import append_only
from events.append_only import HEAD_REFUSED, REFUSED, TEXT_REFUSED
from events.apps import put_triggers_back
from events.models import EventText, TaskEvent
from inbox import choices
from tasks.erasure import erase_user
from tests.tasks.acme import comment, describe, move, new_task
from tests.triggers import without_triggers


@pytest.fixture
def event(acme):
    """One with a text beside it."""
    task = new_task(acme, actor=acme.alice)
    event = comment(task, "Hm.", actor=acme.alice)
    move(task, "done", actor=acme.alice)
    return event


COLUMNS = ", ".join(field.column for field in TaskEvent._meta.concrete_fields)
OTHER_ID = COLUMNS.replace("id,", "id + 100,", 1)

EVERYWHERE = {
    "update": "UPDATE events_taskevent SET subject = 'x'",
    "update of one": "UPDATE events_taskevent SET subject = 'x' WHERE position = 1",
    "update to the same": "UPDATE events_taskevent SET subject = subject",
    "delete": "DELETE FROM events_taskevent",
    "delete of the newest": "DELETE FROM events_taskevent WHERE position = 3",
}
POSTGRESQL = {
    "truncate": "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE events_taskevent CASCADE",
    "truncate by way of people": "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE orgs_user CASCADE",
    "upsert": "INSERT INTO events_taskevent SELECT * FROM events_taskevent "
    "ON CONFLICT (id, organization_id) DO UPDATE SET subject = 'x'",
    "merge": "MERGE INTO events_taskevent e USING orgs_user ON true WHEN MATCHED THEN DELETE",
    "as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM events_taskevent",
}
SQLITE = {
    "insert or replace": f"INSERT OR REPLACE INTO events_taskevent SELECT {COLUMNS} FROM events_taskevent",
    "replace by place": f"REPLACE INTO events_taskevent ({COLUMNS}) SELECT {OTHER_ID} FROM events_taskevent",
    "update or replace": "UPDATE OR REPLACE events_taskevent SET position = 1 WHERE position = 2",
    "upsert": f"INSERT INTO events_taskevent ({COLUMNS}) SELECT {COLUMNS} FROM events_taskevent WHERE true "
    "ON CONFLICT (id) DO UPDATE SET subject = 'x'",
}


def everything():
    return list(TaskEvent.objects.order_by("id").values()), list(EventText.objects.order_by("pk").values())


def refused(statement, sentence=REFUSED):
    before = everything()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        for part in statement.split("; "):
            cursor.execute(part)
    # Whose table is emptied first has the word.
    assert sentence in str(refusal.value) or (
        "orgs_user" in statement and choices.REFUSED in str(refusal.value)
    )
    assert everything() == before


@pytest.mark.parametrize("statement", EVERYWHERE.values(), ids=EVERYWHERE)
def test_raw_sql_is_refused_with_a_sentence(event, statement):
    refused(statement)


@pytest.mark.services
@pytest.mark.parametrize("statement", POSTGRESQL.values(), ids=POSTGRESQL)
def test_postgresql_knows_no_way_around(event, statement):
    refused(statement)


@pytest.fixture
def sqlite():
    if connection.vendor != "sqlite":
        pytest.skip("statements of SQLite")


@pytest.mark.parametrize("statement", SQLITE.values(), ids=SQLITE)
def test_sqlite_knows_no_way_around(event, sqlite, statement):
    refused(statement)


@pytest.mark.parametrize(("column", "other"), [("position", "version"), ("version", "position")])
def test_sqlite_refuses_to_replace_by_either_place(event, sqlite, column, other):
    values = OTHER_ID.replace(f" {other},", f" {other} + 1000,")
    assert values != OTHER_ID
    refused(f"REPLACE INTO events_taskevent ({COLUMNS}) SELECT {values} FROM events_taskevent")


def test_a_task_is_one_organizations(event, globex):
    first = TaskEvent.objects.get(stream_id=event.stream_id, version=1)
    values = {field.attname: getattr(first, field.attname) for field in TaskEvent._meta.concrete_fields}
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskEvent(**values | {"id": None, "organization_id": globex.pk}).save()
    assert TaskEvent.objects.count() == 3


def test_a_text_is_not_changed(event):
    refused("UPDATE events_eventtext SET body = 'Yes.'", TEXT_REFUSED)


def test_a_text_is_not_replaced(event):
    columns = "event_id, organization_id, nonce, body"
    key = "event_id" if connection.vendor == "sqlite" else "event_id, organization_id"
    refused(
        f"INSERT INTO events_eventtext ({columns}) SELECT {columns} FROM events_eventtext "
        f"WHERE true ON CONFLICT ({key}) DO UPDATE SET body = 'x'",
        TEXT_REFUSED,
    )
    if connection.vendor == "sqlite":
        refused(
            f"REPLACE INTO events_eventtext ({columns}) SELECT {columns} FROM events_eventtext", TEXT_REFUSED
        )


A_TEXT = (
    "INSERT INTO events_eventtext (event_id, organization_id, nonce, body) "
    "SELECT id, organization_id, '00', 'x' FROM events_taskevent WHERE "
)
TEXTS = {
    "deleted": "DELETE FROM events_eventtext",
    "put beside an event that has none": A_TEXT + "version = 3",
    "put beside another": A_TEXT + "version = 1",
}


@pytest.mark.parametrize("statement", TEXTS.values(), ids=TEXTS)
def test_a_text_comes_and_goes_only_with_its_event(event, statement):
    refused(statement, TEXT_REFUSED)


@pytest.mark.parametrize("statement", TEXTS.values(), ids=TEXTS)
def test_also_where_somebody_was_erased(acme, event, statement):
    task = new_task(acme, actor=acme.carol, description="Mine, and @vera's")
    describe(task, "Ask @carol", actor=acme.bob)
    move(task, "done", actor=acme.bob)
    erase_user(acme.carol.pk)
    refused(statement, TEXT_REFUSED)
    refused(A_TEXT + "version = 1 AND action = 'created'", TEXT_REFUSED)
    refused("DELETE FROM events_eventtext WHERE body LIKE '%erased%'", TEXT_REFUSED)


def test_also_while_an_event_is_appended(acme, event):
    """Only what the erasure itself names."""
    last = TaskEvent.objects.latest("pk")
    values = {field.attname: getattr(last, field.attname) for field in TaskEvent._meta.concrete_fields}
    values |= {"id": None, "position": 4, "version": 4, "action": "texts_erased", "digest": "d" * 64}
    statements = {
        "DELETE FROM events_eventtext": {"erased": [1, 3]},
        A_TEXT + "version = 3": {"erased": [3], "redacted": [{"version": 2, "sha256": "d" * 64}]},
    }
    for statement, details in statements.items():
        with transaction.atomic():
            TaskEvent(**values | {"details": details}).save()
            refused(statement, TEXT_REFUSED)
            transaction.set_rollback(True)
    with transaction.atomic():
        TaskEvent(**values | {"details": {"erased": [2]}}).save()
        assert EventText.objects.filter(pk=event.pk).delete()[0] == 1
        transaction.set_rollback(True)


HEADS = {
    "goes back": "UPDATE events_loghead SET position = position - 1",
    "becomes another's": "UPDATE events_loghead SET organization_id = organization_id + 1",
    "is deleted": "DELETE FROM events_loghead",
    "goes back for a moment": "UPDATE events_loghead SET position = 0; DELETE FROM events_eventtext",
}


@pytest.mark.parametrize("statement", HEADS.values(), ids=HEADS)
def test_a_head_only_moves_forward(event, statement):
    refused(statement, HEAD_REFUSED)


def test_sqlite_replaces_no_head(event, sqlite):
    columns = "organization_id, position, digest"
    refused(
        f"REPLACE INTO events_loghead ({columns}) SELECT organization_id, 0, '' FROM events_loghead",
        HEAD_REFUSED,
    )


@pytest.mark.services
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("TRUNCATE events_eventtext", REFUSED),
        ("TRUNCATE events_loghead", REFUSED),
        (
            "CREATE TEMPORARY TABLE events_loghead AS SELECT organization_id, 0 AS position FROM events_taskevent; "
            "CREATE TEMPORARY TABLE events_taskevent AS SELECT * FROM events_taskevent; "
            "DELETE FROM events_eventtext",
            TEXT_REFUSED,
        ),
        ("SET LOCAL session_replication_role = replica; DELETE FROM events_eventtext", TEXT_REFUSED),
    ],
)
def test_postgresql_keeps_texts_and_heads_too(event, statement, sentence):
    if connection.vendor != "postgresql":
        pytest.skip("statements of PostgreSQL")
    connection.check_constraints()
    refused(statement, sentence)


@pytest.mark.django_db(transaction=True)
def test_flush_is_refused_with_the_same_sentence(transactional_db, event):
    before = everything()
    with pytest.raises(CommandError, match="Nothing was flushed") as refusal:
        call_command("flush", interactive=False, verbosity=0)
    assert REFUSED in str(refusal.value)
    assert everything() == before


def test_a_flush_that_fails_otherwise_says_what_django_says(db, monkeypatch):
    def fail(_):
        raise ValueError("no")

    monkeypatch.setattr(connection.ops, "execute_sql_flush", fail)
    with pytest.raises(CommandError, match="couldn't be flushed"):
        call_command("flush", interactive=False, verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_again", range(2))
def test_tests_flush_the_history(transactional_db, _again, event):
    """Whichever comes second finds what the first one left."""
    assert TaskEvent.objects.count() == 3
    assert append_only.missing_triggers(connection) == []


def names():
    on_sqlite = connection.vendor == "sqlite"
    return list(append_only.SQLITE_TRIGGERS if on_sqlite else append_only.POSTGRESQL_TRIGGERS)


def test_what_is_missing_is_named(db):
    assert append_only.missing_triggers(connection) == []
    with without_triggers():
        assert append_only.missing_triggers(connection) == names()
    assert append_only.missing_triggers(connection) == []


WEAKENED = {
    "postgresql": [
        ["ALTER TABLE events_taskevent DISABLE TRIGGER event_append_only"],
        ["ALTER TABLE events_taskevent ENABLE TRIGGER event_append_only"],
        [
            "CREATE OR REPLACE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NEW; END'"
        ],
        [
            "DROP TRIGGER event_append_only ON events_taskevent",
            "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON events_taskevent FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_history_change()",
            "ALTER TABLE events_taskevent ENABLE ALWAYS TRIGGER event_append_only",
        ],
        [
            "DROP TRIGGER event_append_only ON events_taskevent",
            "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events_taskevent "
            "FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION refuse_history_change()",
            "ALTER TABLE events_taskevent ENABLE ALWAYS TRIGGER event_append_only",
        ],
    ],
    "sqlite": [
        ["DROP TRIGGER event_not_changed"],
        [
            "DROP TRIGGER event_not_changed",
            "CREATE TRIGGER event_not_changed BEFORE UPDATE ON events_taskevent "
            "WHEN false BEGIN SELECT RAISE(ABORT, 'no'); END",
        ],
    ],
}


@pytest.mark.parametrize(
    ("vendor", "statements"), [(vendor, way) for vendor, ways in WEAKENED.items() for way in ways]
)
def test_a_trigger_that_only_looks_right_is_missing(db, vendor, statements):
    if connection.vendor != vendor:
        pytest.skip(f"statements of {vendor}")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    assert append_only.missing_triggers(connection)[:1] == names()[:1]


def test_migrating_puts_triggers_back_and_says_so(db, caplog):
    caplog.set_level("INFO", "events")
    append_only.remove(connection)
    put_triggers_back(using="default", verbosity=1)
    assert append_only.missing_triggers(connection) == []
    assert names()[0] in caplog.text
    caplog.clear()
    put_triggers_back(using="default", verbosity=1)
    assert caplog.text == ""


@pytest.mark.django_db(transaction=True)
def test_going_back_before_the_migration_takes_them_away(transactional_db):
    try:
        call_command("migrate", "events", "0002", verbosity=0)
        away = ("inbox_", "events_archive")  # these tables are away too
        of_the_log = [name for name in names() if not name.startswith(away)]
        assert append_only.missing_triggers(connection) == of_the_log
    finally:
        call_command("migrate", verbosity=0)
    assert append_only.missing_triggers(connection) == []
