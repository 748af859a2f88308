"""Migrations under which people go on writing, on a table of their own."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, migrations, models
from django.db.migrations.state import ProjectState

from base.management.commands import migrate
from base.online import AddCheckInSteps, AddIndexConcurrently, AddUniqueConcurrently, RemoveIndexConcurrently
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")

NAME, TABLE = "scratch", "base_scratch"
INDEX = models.Index(fields=["word"], name="scratch_word")


@pytest.fixture
def table() -> Iterator[ProjectState]:
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("word", models.IntegerField())]
    run(state, migrations.CreateModel(NAME, fields))
    write()
    yield state
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


def run(state: ProjectState, *operations: Any) -> None:
    for operation in operations:
        before = state.clone()
        operation.state_forwards("base", state)
        with connection.schema_editor(atomic=operation.atomic is not False) as editor:
            operation.database_forwards("base", editor, before, state)


def write(cursor: Any = None, word: int = 1) -> None:
    with cursor or connection.cursor() as own:
        own.execute(f"INSERT INTO {TABLE} (word) VALUES (%s)", [word])


def constraints() -> dict[str, Any]:
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, TABLE)


def ask(sql: str, *values: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def in_thread(do: Callable[[], None]) -> threading.Thread:
    def work() -> None:
        try:
            do()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_they_do_what_djangos_own_do(table):
    unique = models.UniqueConstraint(fields=["word"], name="word_once")
    some = models.UniqueConstraint("word", condition=models.Q(word__gt=5), name="word_once_above")
    check = models.CheckConstraint(condition=models.Q(word__gt=0), name="word_above")
    run(
        table,
        AddIndexConcurrently(NAME, INDEX),
        AddUniqueConcurrently(NAME, unique),
        AddUniqueConcurrently(NAME, some),
        AddCheckInSteps(NAME, check),
    )
    assert {"scratch_word", "word_once", "word_above"} <= set(constraints())
    for word in (1, 0):
        with pytest.raises(IntegrityError):
            write(word=word)
    run(table, RemoveIndexConcurrently(NAME, "scratch_word"))
    assert "scratch_word" not in constraints()


@on_postgresql
def test_a_writer_goes_on_while_an_index_is_built(table):
    """Whoever was there before holds the building up, and it holds up nobody."""
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        write(other.cursor())
        building = in_thread(lambda: run(table, AddIndexConcurrently(NAME, INDEX)))
        began = "SELECT count(*) FROM pg_stat_progress_create_index"
        wait_until(lambda: ask(began) == 1, "the index is being built")
        for _ in range(20):
            write()
        assert building.is_alive()
        other.commit()
    building.join(30)
    assert ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'scratch_word'::regclass")


@on_postgresql
def test_an_index_whose_building_was_interrupted_is_built_again(table):
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        write(other.cursor())

        def interrupted() -> None:
            ask("SELECT set_config('statement_timeout', '50', false)")
            with pytest.raises(OperationalError, match="statement timeout"):
                run(table.clone(), AddIndexConcurrently(NAME, INDEX))
            ask("SELECT set_config('statement_timeout', '0', false)")

        in_thread(interrupted).join(30)
        other.rollback()
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'scratch_word'::regclass"
    assert ask(valid) is False
    run(table.clone(), AddIndexConcurrently(NAME, INDEX))
    assert ask(valid) is True
    run(table, AddIndexConcurrently(NAME, INDEX))  # it was built, and only not written down


@on_postgresql
def test_a_table_in_use_is_waited_for_in_short_tries(table, monkeypatch):
    """A writer that comes after waits no longer than one of them."""
    monkeypatch.setattr(migrate, "PATIENCE", "100ms")
    monkeypatch.setattr(migrate, "PAUSE", 0.05)
    tries: list[float] = []
    with closing(connection.copy()) as reader:
        reader.set_autocommit(False)
        with reader.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {TABLE}")

        def change(*_: Any, **__: Any) -> None:
            tries.append(time.monotonic())
            if len(tries) == 3:
                reader.rollback()
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE {TABLE} ADD COLUMN more integer")

        monkeypatch.setattr(migrate.migrate.Command, "handle", change)
        call_command("migrate", verbosity=0)
    assert len(tries) == 3
    assert ask("SELECT current_setting('lock_timeout')") == "0"
