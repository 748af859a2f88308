"""Statements that are made first and run later: however many, in one wait for PostgreSQL. On SQLite they run one by
one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection, models
from psycopg.pq import TransactionStatus

Row = tuple[Any, ...]

ROWS_AT_ONCE = 500  # in one INSERT: SQLite takes 32,766 values


class Statement:
    """SQL with the values of its places, and what it answered once it has run: its rows, and how many it concerned."""

    __slots__ = ("_taking", "count", "parameters", "rows", "sql")

    def __init__(
        self, sql: str, parameters: Sequence[Any], taking: Callable[[list[Row]], None] | None = None
    ) -> None:
        """Make one that has not run; `taking` is called with the rows that it brings."""
        self.sql, self.parameters, self._taking = sql, parameters, taking
        self.rows: list[Row] = []
        self.count = 0

    def take(self, cursor: Any, *, has_rows: bool) -> None:
        """Take what the cursor has of this statement."""
        self.count = cursor.rowcount
        if has_rows:
            self.rows = cursor.fetchall()
        if self._taking:
            self._taking(self.rows)


def run(*statements: Statement) -> None:
    """Run them in this order, and give each its answer. Each sees what was committed when it began itself, and what the
    ones before it did; where one fails, those after it do not run. Raises Django's database errors."""
    if not statements:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _run_as_one_message(cursor, statements)
            return
        for statement in statements:
            cursor.execute(statement.sql, statement.parameters)
            statement.take(cursor, has_rows=bool(cursor.description))


def _run_as_one_message(cursor: Any, statements: Sequence[Statement]) -> None:
    """Send them as one text, of which the server answers each part: psycopg puts the values into it."""
    sql = ";\n".join(statement.sql for statement in statements)
    values = [value for statement in statements for value in statement.parameters]
    begins = _begins()
    if begins:
        connection.connection.autocommit = True  # else psycopg sends a BEGIN of its own, and waits for it
        sql = f"BEGIN;\n{sql}"
    cursor.execute(sql, values)
    with connection.wrap_database_errors:
        answers = cursor.cursor  # psycopg's own: Django's asks at each step whether it failed
        if begins:
            answers.nextset()
        for statement in statements:
            statement.take(answers, has_rows=answers.rownumber is not None)
            answers.nextset()


def _begins() -> bool:
    """Say whether the transaction is still to begin, with these statements."""
    driver = connection.connection
    return connection.in_atomic_block and driver.info.transaction_status == TransactionStatus.IDLE


class Placed(NamedTuple):
    """In place of a column's value: SQL, and the values of its places for a row."""

    sql: str
    values: Callable[[Any], Sequence[Any]]


class Insertion:
    """An INSERT of rows of a model, with each of its columns but those of `without`, which the database fills."""

    def __init__(
        self,
        model: type[models.Model],
        *,
        without: Sequence[str] = (),
        placed: Mapping[str, Placed] | None = None,
        ending: str = "",
    ) -> None:
        self._model, self._without, self._placed, self._ending = model, without, placed or {}, ending

    def of(self, *rows: Any, taking: Callable[[list[Row]], None] | None = None) -> list[Statement]:
        """Make the statements that insert these: none for none. Each row has the model's attributes."""
        start, values, columns = self._parts
        return [
            Statement(
                f"{start} {', '.join([values] * len(some))} {self._ending}",
                [value for row in some for column in columns for value in column(row)],
                taking,
            )
            for some in (rows[at : at + ROWS_AT_ONCE] for at in range(0, len(rows), ROWS_AT_ONCE))
        ]

    @cached_property
    def _parts(self) -> tuple[str, str, list[Callable[[Any], Sequence[Any]]]]:
        fields = [field for field in self._model._meta.concrete_fields if field.attname not in self._without]
        names = ", ".join(_column(field) for field in fields)
        placed = [self._placed.get(field.attname) or _value(field) for field in fields]
        start = f"INSERT INTO {self._model._meta.db_table} ({names}) VALUES"
        return start, f"({', '.join(place.sql for place in placed)})", [place.values for place in placed]


class Update:
    """An UPDATE of a model's row: of all its columns but those of the key, by which it is found."""

    def __init__(self, model: type[models.Model], key: Sequence[str]) -> None:
        self._model, self._key = model, key

    def of(self, row: Any) -> Statement:
        """Make it for this row, which has the model's attributes."""
        sql, columns = self._parts
        return Statement(sql, [value for column in columns for value in column(row)])

    @cached_property
    def _parts(self) -> tuple[str, list[Callable[[Any], Sequence[Any]]]]:
        fields = {field.attname: field for field in self._model._meta.concrete_fields}
        key = [fields.pop(name) for name in self._key]
        new = ", ".join(f"{_column(field)} = %s" for field in fields.values())
        which = " AND ".join(f"{_column(field)} = %s" for field in key)
        sql = f"UPDATE {self._model._meta.db_table} SET {new} WHERE {which}"  # noqa: S608 - our own names
        return sql, [_value(field).values for field in (*fields.values(), *key)]


def places(values: Collection[Any]) -> str:
    """Write the places of an IN list, which holds nothing where there are no values."""
    return ", ".join(["%s"] * len(values)) or "NULL"


# Both drivers take their values as they are.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def _value(field: "models.Field[Any, Any]") -> Placed:
    name, prepared = field.attname, field.get_db_prep_save
    if isinstance(getattr(field, "target_field", field), _PLAIN):
        return Placed("%s", lambda row: (getattr(row, name),))
    return Placed("%s", lambda row: (prepared(getattr(row, name), connection),))


def _column(field: "models.Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))
