"""Which installation a message of the channel layer speaks for. Several may share a Redis, copies of one another
included, so every message says whose database it was made from, and what another one says is not heard.

No name, key or id in the data tells a copy from its original. What does is the running database itself: on PostgreSQL
when its server started, to the microsecond, the database's number in it, and a schema of its own; for SQLite the file,
not its contents.
"""

import hashlib
import os
import time
import uuid
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection

KEY = "installation"  # in every message of the layer
FRESH = 5.0  # seconds that a connection's answer is believed: a failover behind a pooler does not break it

_POSTGRESQL = """
SELECT pg_postmaster_start_time()::text, oid::text, NULLIF(current_schema(), 'public')
FROM pg_database WHERE datname = current_database()
"""

_seen: WeakKeyDictionary[Any, tuple[str, float]] = WeakKeyDictionary()
_latest: str | None = None  # as some thread of this process saw it last


def identity() -> str:
    """Give that of the database of this thread's connection. Asks it at most every few seconds; raises what a query
    raises."""
    global _latest
    _latest = _of_a_file() if connection.vendor == "sqlite" else _of_a_server()
    return _latest


def of_sender() -> str | None:
    """Give that of the very connection that has just committed, if there is one; None where nobody can tell."""
    open_already = connection.connection is not None
    try:
        return identity() if open_already or _latest is None else known()
    except DatabaseError:
        return known()
    finally:
        if not open_already:
            connection.close()


def known() -> str | None:
    """Give it as some thread of this process saw it last; None before the first look."""
    return _latest


def _of_a_file() -> str:
    name = connection.settings_dict["NAME"]
    try:
        file = os.stat(name)  # noqa: PTH116 - may be a URI
    except OSError:
        return _digest(_PROCESS)  # in memory: nobody else has it
    return _digest(_machine(), file.st_dev, file.st_ino)


@cache
def _machine() -> str:
    """Tell machines apart whose disks have the same numbers."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text() if boot.exists() else str(uuid.getnode())


def _of_a_server() -> str:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return of_server(connection.connection)


def of_server(raw: Any) -> str:
    """Ask past Django: no cursor of its, and an answer that is kept with the very connection."""
    found, at = _seen.get(raw, ("", float("-inf")))
    if time.monotonic() - at > FRESH:
        found = _digest(*filter(None, raw.execute(_POSTGRESQL).fetchone()))
        _seen[raw] = found, time.monotonic()
    return found


def _digest(*parts: object) -> str:
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]


_PROCESS = uuid.uuid4().hex
