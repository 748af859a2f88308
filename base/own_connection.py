"""A connection to the database beside the pool, for who asks about the database itself: it tells of the database, and
not of how many wait for a connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

BOUNDS = {"connect_timeout": 2, "tcp_user_timeout": 2_000, "pool": None}


@contextmanager
def own_connection() -> Iterator[BaseDatabaseWrapper]:
    """Connect within seconds or not at all, and close it in the end."""
    own = connection.copy()
    if own.vendor == "postgresql":
        own.settings_dict["OPTIONS"] |= BOUNDS
    try:
        yield own
    finally:
        own.close()


@contextmanager
def models_ask_it() -> Iterator[BaseDatabaseWrapper]:
    """Have models of this thread use it meanwhile. For threads of one's own alone."""
    with own_connection() as own:
        connections[DEFAULT_DB_ALIAS] = own
        try:
            yield own
        finally:
            del connections[DEFAULT_DB_ALIAS]
