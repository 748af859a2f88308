"""How large what was written is, counted where it stands: whoever bounds a read by bytes knows them before any text."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.functions import Cast, Coalesce


class Octets(models.Func):
    """Bytes of a text in UTF-8."""

    function = "OCTET_LENGTH"
    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **extra)


def written() -> models.Expression:
    """Measure an event in bytes: its details, and the free text beside it."""
    details = Octets(Cast("details", models.TextField()))
    return details + Coalesce(Octets("text__body"), 0)


def fitting(sizes: Iterable[int], bound: int) -> int:
    """Count how many of them, from the first on, stay within the bound: at least the first."""
    count = total = 0
    for size in sizes:
        total += size
        if count and total > bound:
            break
        count += 1
    return count
