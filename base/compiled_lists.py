"""Queries of pages whose SQL is built once, whatever is in their columns: as rows, or as models with what they are
selected with."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, QuerySet

from base.compiled import Parameter, filled

Row = Sequence[Any]


class _Statement(NamedTuple):
    sql: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, list[Any], Any], ...]  # column, what reads it, its expression
    compiler: Any


class _Built:
    """Of a queryset without a slice, which `build` gives."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build

    def _rows(self, first: int, most: int | None, values: dict[str, Any]) -> list[Any]:
        statement = self._statement
        sql, given = statement.sql, filled(statement.parameters, values)
        if most is not None:
            sql, given = f"{sql} LIMIT %s OFFSET %s", [*given, most, first]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        return [_read(row, statement) for row in rows] if statement.converters else rows

    @cached_property
    def _statement(self) -> _Statement:
        compiler = self._build().query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        return _Statement(
            sql, tuple(parameters), tuple((at, *found) for at, found in converters.items()), compiler
        )


class CompiledList(_Built):
    """Of a queryset of `values_list`, read as Django reads it."""

    def rows(self, *, first: int = 0, most: int | None = None, **values: Any) -> list[tuple[Any, ...]]:
        """Run it with these values for the queryset's Parameters, by name, from row `first`, at most `most`."""
        return self._rows(first, most, values)


class CompiledModels(_Built):
    """Of a queryset of models, with `select_related` and annotations."""

    def models(self, *, first: int = 0, most: int | None = None, **values: Any) -> list[Any]:
        """Do as `CompiledList.rows`, and make the models."""
        rows = self._rows(first, most, values)
        compiler = self._statement.compiler
        made = [self._maker.model(row) for row in rows]
        for name, place in compiler.annotation_col_map.items():
            for row, model in zip(rows, made, strict=True):
                setattr(model, name, row[place])
        return made

    @cached_property
    def _maker(self) -> "_Maker":
        compiler = self._statement.compiler
        return _Maker(compiler.klass_info, compiler.select)


class _Maker:
    """Makes a model of a row, and those that it is selected with, as Django's own iterable does: `info` is what its
    compiler says of a class."""

    def __init__(self, info: dict[str, Any], select: Sequence[Any]) -> None:
        self._class, self._fields = info["model"], info["select_fields"]
        self._names = [select[place][0].target.attname for place in self._fields]
        self._key = self._fields[self._names.index(self._class._meta.pk.attname)]
        related = info.get("related_klass_infos", ())
        self._related = [
            (_Maker(each, select), each["local_setter"], each["remote_setter"]) for each in related
        ]

    def model(self, row: Row) -> Any:
        """Make it; None where an outer join found none."""
        if row[self._key] is None:
            return None
        made = self._class.from_db(DEFAULT_DB_ALIAS, self._names, [row[place] for place in self._fields])
        for maker, local_setter, remote_setter in self._related:
            other = maker.model(row)
            local_setter(made, other)
            if other is not None:
                remote_setter(other, made)
        return made


class CompiledForMany:
    """Of a queryset of `values_list` for a list of values: a statement for each of a few lengths, of which what is left
    has the first value again. `build` is given the list of Parameters."""

    LENGTHS = (8, 64, 512)

    def __init__(
        self, field: "Field[Any, Any]", build: Callable[[list[Parameter]], QuerySet[Any, Any]]
    ) -> None:
        self._statements = {
            length: CompiledList(lambda length=length: build(_places(field, length)))  # type: ignore[misc]
            for length in self.LENGTHS
        }

    def rows(self, many: Sequence[Any], **values: Any) -> list[tuple[Any, ...]]:
        """Run it for these, and nothing for none. Beyond the longest length, in several statements."""
        longest = self.LENGTHS[-1]
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(many), longest):
            some = many[start : start + longest]
            length = next(length for length in self.LENGTHS if length >= len(some))
            given = {f"_{at}": some[at if at < len(some) else 0] for at in range(length)}
            found += self._statements[length].rows(**values, **given)
        return found


def _places(field: "Field[Any, Any]", length: int) -> list[Parameter]:
    return [Parameter(f"_{at}", field) for at in range(length)]


def _read(row: Row, statement: _Statement) -> Row:
    values = list(row)
    for column, readers, expression in statement.converters:
        for reader in readers:
            values[column] = reader(values[column], expression, connection)
    return values
