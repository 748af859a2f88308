"""Rows as a database itself writes them, derived from a model's fields: what is compared or filled past Django."""

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.functions import Cast

# Of these a driver makes objects, each in its own way: compared is their text. JSON too: what is equal as such may be
# written in two ways.
_AS_TEXT = (models.UUIDField, models.DateField, models.TimeField, models.JSONField)

Convert = Callable[[Any], Any]


class AsWritten:
    """Of some columns of a model, by their names in the table. Moments come as the database's own text already."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.selected = [
            Cast(name, models.TextField()) if isinstance(fields[name], _AS_TEXT) else name for name in columns
        ]
        kinds = ((place, _conversion(fields[name])) for place, name in enumerate(columns))
        self._conversions = [(place, convert) for place, convert in kinds if convert]

    def row(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """Write the values of the columns as the database gives `selected` and `base.bulk.fill` takes
        them."""
        row = [*values]
        for place, convert in self._conversions:
            if row[place] is not None:
                row[place] = convert(row[place])
        return tuple(row)


def _conversion(field: "models.Field[Any, Any]") -> Convert | None:
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.UUIDField):
        return _uuid
    return str if isinstance(field, models.DateField | models.TimeField) else None


def _uuid(value: Any) -> str:
    if isinstance(value, uuid.UUID):
        return value.hex if connection.vendor == "sqlite" else str(value)
    return str(value)


def _json(value: Any) -> str:
    """Write JSON as Django writes it, and as PostgreSQL's `jsonb` writes that."""
    if connection.vendor == "sqlite":
        return json.dumps(value)
    return json.dumps(_in_order(value), ensure_ascii=False)


def _in_order(value: Any) -> Any:
    """Sort the keys as `jsonb` does: short ones first."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _in_order(value[key]) for key in keys}
    return [_in_order(each) for each in value] if isinstance(value, list) else value
