"""How many examples a property is tried with."""

from django.db import connection

from servers.partitions import parts_wanted


def examples(first: int, again: int) -> int:
    """The two halves of `make test` would try the same ones: `again` of them on PostgreSQL, where only its own share in
    the property is left to see; fewer still on tables in parts, which run it once more."""
    if parts_wanted():
        return min(again, 3)
    return again if connection.vendor == "postgresql" else first
