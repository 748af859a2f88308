"""Reads that a replica answers in place of the primary, where REPLICA_URL names one. Nothing is written there, and
nothing fails because of it: what it cannot answer, or is too far behind for, the primary is asked.

Here is whether it is there, and at most BOUND behind. What this very reader has seen, and the replica must have too, is
known to who reads (`inbox/replica_reads.py`).
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections

from base.connections import client_has_left, give_back
from base.dependencies import REPLICA, REPLICA_ALIAS, reason_of
from base.figures import counter
from base.freshness import Freshness, Standing

T = TypeVar("T")

BOUND = 5.0  # seconds that it may be behind
PAUSE = 5.0  # seconds for which it is left alone once it failed, or lags
# SQLSTATEs: the read stood in the way of what was to be replayed; or it turned out to be none, and was refused.
FORGIVEN = ("40001", "25006")

READS = counter("replica_reads", "Reads that a replica may answer, by who did.", ["by"])

WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
POSITION = (
    "SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_flush_lsn() END - '0/0')::bigint"
)


class NotThere(Exception):
    """The replica lacks what this reader may have seen, or is not known to have what all others did a moment ago."""


class _Seen:
    """What this process knows of the replica."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.freshness = Freshness(BOUND)
        self.left_alone_until = float("-inf")

    def may_be_asked(self) -> bool:
        """Say whether this read may ask it. One that failed is tried by one read at a time."""
        with self.lock:
            now = time.monotonic()
            if now < self.left_alone_until:
                return False
            if REPLICA.state().is_up is False:
                self.left_alone_until = now + PAUSE
            return True

    def note_primary(self) -> None:
        now = time.monotonic()
        with self.lock:
            is_due = self.freshness.is_due(now)
        if is_due:
            written = _read(POSITION)
            with self.lock:
                self.freshness.noted(written, now)

    def judge(self, replayed: int) -> Standing:
        with self.lock:
            return self.freshness.of(replayed, time.monotonic())

    def failed(self, why: BaseException | str) -> None:
        self.left_alone_until = time.monotonic() + PAUSE
        REPLICA.failed(why)

    def works(self) -> None:
        self.left_alone_until = float("-inf")
        REPLICA.works()


_seen = _Seen()


def are_used() -> bool:
    return bool(settings.REPLICA_URL)


def written() -> int:
    """Read a place in the primary's log, before which all stands that this process has committed."""
    return _read(WRITTEN)


def answered(read: Callable[[], T], *, since: int = 0) -> T | None:
    """Have the replica answer `read`, which raises NotThere where it cannot. `since`: what the reader has written. None
    where the primary is to be asked. Not to be called where `are_used` says no. Raises what the primary raises, who is
    asked now and then how far it is."""
    if connection.in_atomic_block or not _seen.may_be_asked():
        return None
    _seen.note_primary()
    found = None
    try:
        found = _asking(read, since)
    except NotThere:
        pass
    except (DatabaseError, InterfaceError) as error:
        if client_has_left():
            raise
        if getattr(error.__cause__, "sqlstate", None) not in FORGIVEN:
            _seen.failed(reason_of(error))
    READS.labels("primary" if found is None else "replica").inc()
    return found


def _asking(read: Callable[[], T], since: int = 0) -> T:
    """Run it while all that asks the database in this thread asks the replica. The primary's connection is others'
    meanwhile. Memberships and sessions were read before."""
    give_back()
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[REPLICA_ALIAS]
    try:
        _be_fresh(since)
        return read()
    finally:
        try:
            give_back()
        finally:
            connections[DEFAULT_DB_ALIAS] = primary


def _be_fresh(since: int) -> None:
    """Raise NotThere unless the replica is known to be at most BOUND behind, and has what the reader wrote."""
    replayed = _read(POSITION)
    standing = _seen.judge(replayed)
    if standing is Standing.LAGS:
        _seen.failed(f"more than {BOUND:g} s behind")
        raise NotThere
    _seen.works()
    if standing is Standing.UNKNOWN or replayed < since:
        raise NotThere


def _read(place: str) -> int:
    """Read a place in the log where this thread asks."""
    with connection.cursor() as cursor:
        cursor.execute(place)
        return int(cursor.fetchone()[0])
