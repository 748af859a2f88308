"""Queries of pages whose SQL is built once, whatever is in their columns and however many rows are asked for."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Field, QuerySet

from base.compiled import Parameter


class _Statement(NamedTuple):
    sql: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, list[Any], Any], ...]  # column, what reads it, its expression


class CompiledList:
    """Of a queryset of `values_list`, as Django would read it. `build` gives it without a slice."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build

    def rows(self, *, first: int = 0, most: int | None = None, **values: Any) -> list[tuple[Any, ...]]:
        """Run it with these values for the queryset's Parameters, by name, from row `first`, at most `most`."""
        statement = self._compiled
        given = [
            each.prepared(values[each.name]) if isinstance(each, Parameter) else each
            for each in statement.parameters
        ]
        sql = statement.sql
        if most is not None:
            sql, given = f"{sql} LIMIT %s OFFSET %s", [*given, most, first]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        return [_read(row, statement) for row in rows] if statement.converters else rows

    @cached_property
    def _compiled(self) -> _Statement:
        compiler = self._build().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters(expression for expression, *_ in compiler.select)
        return _Statement(sql, parameters, tuple((at, *found) for at, found in converters.items()))


def places(name: str, field: "Field[Any, Any]", count: int) -> list[Parameter]:
    """Make the Parameters of a list of values: `Model.objects.filter(pk__in=places("id", UUIDField(), 50))`."""
    return [Parameter(f"{name}{place}", field) for place in range(count)]


def in_places(name: str, given: Sequence[Any], count: int) -> dict[str, Any]:
    """Give the values for `places`; those that are left have the first value again. There is one at least."""
    return {f"{name}{place}": given[place if place < len(given) else 0] for place in range(count)}


def _read(row: Iterable[Any], statement: _Statement) -> tuple[Any, ...]:
    values = list(row)
    for column, readers, expression in statement.converters:
        for reader in readers:
            values[column] = reader(values[column], expression, connection)
    return tuple(values)
