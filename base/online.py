"""Operations of migrations under which people go on writing (`atomic = False`). Interrupted, each begins again where it
was. On PostgreSQL an index is built concurrently and a check is added before it is verified; SQLite has one writer, who
waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddIndex, RemoveIndex
from django.db.models import Model, UniqueConstraint

Editor = BaseDatabaseSchemaEditor


class AddIndexConcurrently(AddIndex):
    """As AddIndex. A partitioned table, for which that is not to be had, waits as it does for AddIndex."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if not _concurrently(schema_editor, model):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif not _is_whole(schema_editor, self.index.name):
            with _as_long_as_it_takes(schema_editor):
                schema_editor.add_index(model, self.index, concurrently=True)  # type: ignore[call-arg]

    def database_backwards(
        self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any
    ) -> None:
        _drop(schema_editor, from_state.apps.get_model(app_label, self.model_name), self.index.name)


class RemoveIndexConcurrently(RemoveIndex):
    """As RemoveIndex."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any
    ) -> None:
        _drop(schema_editor, from_state.apps.get_model(app_label, self.model_name), self.name)


class AddUniqueConcurrently(AddConstraint):
    """As AddConstraint of a UniqueConstraint, which must not be deferrable."""

    atomic = False
    constraint: UniqueConstraint

    def database_forwards(
        self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any
    ) -> None:
        model, name = to_state.apps.get_model(app_label, self.model_name), self.constraint.name
        if not _concurrently(schema_editor, model):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        create = str(self.constraint.create_sql(model, schema_editor))
        table = schema_editor.quote_name(model._meta.db_table)
        names_a_constraint = not create.startswith("CREATE UNIQUE INDEX")
        if names_a_constraint:
            columns = [model._meta.get_field(field).column for field in self.constraint.fields]
            names = ", ".join(schema_editor.quote_name(column) for column in columns)
            create = f"CREATE UNIQUE INDEX {schema_editor.quote_name(name)} ON {table} ({names})"
        if not _is_whole(schema_editor, name):
            with _as_long_as_it_takes(schema_editor):
                schema_editor.execute(create.replace("INDEX", "INDEX CONCURRENTLY", 1), params=None)
        if names_a_constraint and not _has_constraint(schema_editor, model, name):
            quoted = schema_editor.quote_name(name)
            schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {quoted} UNIQUE USING INDEX {quoted}")


class AddCheckInSteps(AddConstraint):
    """As AddConstraint of a CheckConstraint: it holds for what is written from then on, and what is there is verified
    while people write."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any
    ) -> None:
        model, name = to_state.apps.get_model(app_label, self.model_name), self.constraint.name
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        if not _has_constraint(schema_editor, model, name):
            create = self.constraint.create_sql(model, schema_editor)
            schema_editor.execute(f"{create} NOT VALID", params=None)
        table = schema_editor.quote_name(model._meta.db_table)
        with _as_long_as_it_takes(schema_editor):
            schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {schema_editor.quote_name(name)}")


def _concurrently(schema_editor: Editor, model: type[Model]) -> bool:
    """Say whether indexes of the table can be built so."""
    if schema_editor.connection.vendor != "postgresql":
        return False
    if schema_editor.collect_sql:
        return True
    return bool(
        _ask(
            schema_editor, "SELECT relkind = 'r' FROM pg_class WHERE oid = %s::regclass", model._meta.db_table
        )
    )


def _is_whole(schema_editor: Editor, name: str) -> bool:
    """Say whether the index is there; one whose building was interrupted goes."""
    if schema_editor.collect_sql:
        return False
    valid = _ask(schema_editor, "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", name)
    if valid is False:
        with _as_long_as_it_takes(schema_editor):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")
    return valid is True


def _drop(schema_editor: Editor, model: type[Model], name: str) -> None:
    how = "CONCURRENTLY " if _concurrently(schema_editor, model) else ""
    with _as_long_as_it_takes(schema_editor):
        schema_editor.execute(f"DROP INDEX {how}IF EXISTS {schema_editor.quote_name(name)}")


def _has_constraint(schema_editor: Editor, model: type[Model], name: str) -> bool:
    if schema_editor.collect_sql:
        return False
    sql = "SELECT true FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s"
    return _ask(schema_editor, sql, model._meta.db_table, name) is True


@contextmanager
def _as_long_as_it_takes(schema_editor: Editor) -> Iterator[None]:
    """Wait for whoever has the table open, however long: nobody waits behind what waits so."""
    if schema_editor.collect_sql or schema_editor.connection.vendor != "postgresql":
        yield
        return
    before = _ask(schema_editor, "SELECT current_setting('lock_timeout')")
    _ask(schema_editor, "SELECT set_config('lock_timeout', '0', false)")
    try:
        yield
    finally:
        _ask(schema_editor, "SELECT set_config('lock_timeout', %s, false)", before)


def _ask(schema_editor: Editor, sql: str, *values: str) -> Any:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        return row[0] if row else None
