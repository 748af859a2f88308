"""Queries whose SQL is built once: for the statements of every write, Django takes longer to build one anew than to run
it (docs/decisions/0012)."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Expression, Field, QuerySet

from base.statements import Row, Statement, run


class Parameter(Expression):
    """Stands in a queryset for a value that is given later, as a field of that kind has it."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, *_: Any, **__: Any) -> Any:
        return "%s", [self]

    def prepared(self, value: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


def filled(parameters: Iterable[Any], values: Mapping[str, Any]) -> list[Any]:
    """Put these values, by name, in the place of the Parameters among what a compiled query is run with."""
    return [each.prepared(values[each.name]) if isinstance(each, Parameter) else each for each in parameters]


class Compiled:
    """Of a queryset of `values_list` whose columns need no conversion by Django: numbers and text."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build

    def of(self, **values: Any) -> Statement:
        """Make the statement with these values for the queryset's Parameters, by name."""
        sql, parameters = self._compiled
        return Statement(sql, filled(parameters, values))

    def rows(self, **values: Any) -> list[Row]:
        """Run it with these values."""
        run(statement := self.of(**values))
        return statement.rows

    @cached_property
    def _compiled(self) -> tuple[str, tuple[Any, ...]]:
        statement, parameters = self._build().query.sql_with_params()
        return statement, parameters
