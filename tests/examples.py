"""How many examples a property is tried with."""

from django.db import connection


def examples(first: int, again: int) -> int:
    """The two halves of `make test` would try the same ones: `again` of them on PostgreSQL, where only its own share in
    the property is left to see."""
    return again if connection.vendor == "postgresql" else first
