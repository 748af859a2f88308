"""Who holds the database connection of a request: it is given back before whatever takes long, and what it does is
stopped when nobody waits for the answer any more."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from base.dependencies import DATABASE, REPLICA_ALIAS

P = ParamSpec("P")
T = TypeVar("T")

CANCEL_TIMEOUT = 3.0  # seconds that PostgreSQL may take to hear of it


class Left(OperationalError):
    """Nobody waits for the answer: nothing more is asked."""


class Holder:
    """A request: whichever connection it has now. The lock keeps apart stopping a statement and giving the connection
    back: whoever gets it next must not be stopped in its place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: BaseDatabaseWrapper | None = None
        self.has_left = False  # who asked

    @property
    def is_holding(self) -> bool:
        return self._connection is not None

    def take(self, connection: BaseDatabaseWrapper) -> None:
        """Note the request's connection. Raises Left where it came to somebody whose client did not wait."""
        self._connection = connection
        if self.has_left:
            raise Left("the client has left")

    def give_back(self) -> None:
        with self._lock:
            self._connection = None
            _close()

    def stop(self) -> None:
        """End the statement that is running, from another thread. A transaction is left alone: it ends by itself."""
        self.has_left = True
        with self._lock:
            if self._connection and not self._connection.in_atomic_block:
                _cancel(self._connection.connection)


_holder: ContextVar[Holder | None] = ContextVar("holder", default=None)


@contextmanager
def holding() -> Iterator[Holder]:
    """Make known to the holder what takes a connection inside, in whatever threads it works."""
    token = _holder.set(holder := Holder())
    try:
        yield holder
    finally:
        _holder.reset(token)


def give_back() -> None:
    """Let others have this thread's connection; the next query takes one again. In a transaction it is kept."""
    if holder := _holder.get():
        holder.give_back()
    else:
        _close()


def gives_back(work: Callable[P, T]) -> Callable[P, T]:
    """Wrap `work`: the connection that it took in its thread goes back when it ends."""

    @wraps(work)
    def giving_back(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        finally:
            give_back()

    return giving_back


def client_has_left() -> bool:
    """Say whether nobody waits for this request's answer any more, as far as that is known."""
    holder = _holder.get()
    return holder is not None and holder.has_left


def _close() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def _taken(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.alias != REPLICA_ALIAS:
        DATABASE.works()  # a connection of the pool has been tried before
    if holder := _holder.get():
        holder.take(connection)


def _cancel(connection: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.interrupt()
    elif connection is not None:
        connection.cancel_safe(timeout=CANCEL_TIMEOUT)


connection_created.connect(_taken)
