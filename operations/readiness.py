"""Whether this process can do what it is for, a word for each part of it. What it cannot do without makes it not ready;
what it goes on without, later or slower, makes it degraded: a balancer must not lose every host at once for that."""

import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from django.db import Error, connection
from django.utils import timezone

from base import dependencies
from base.database_troubles import tell
from base.looks import Look
from base.own_connection import models_ask_it
from base.schema_release import applied, on_disk
from followers.lag import lag_of
from followers.register import FOLLOWERS

_migrations_of_the_code = cache(on_disk)  # as this process found it: a newer release may come to stand there
LAG_KEPT = 10.0  # seconds that the followers' lag holds: a query over all logs for each of them


class Readiness(NamedTuple):
    """`parts` are words, which strangers may read."""

    is_ready: bool
    parts: dict[str, str]

    @property
    def status(self) -> str:
        if not self.is_ready:
            return "not ready"
        return "ready" if all(word in ("ok", "unknown") for word in self.parts.values()) else "degraded"


class Process:
    """This one. `is_stopping` is set by whoever stops it."""

    is_stopping = False


def look() -> Readiness:
    """Ask the database on a connection of its own, and the rest of what this process knows."""
    with models_ask_it():
        try:
            is_migrated = not (_migrations_of_the_code() - applied(connection))
            followers = _followers()
        except Error as error:
            tell(error)
            return of(database="away", migrations="unknown", followers="unknown")
    dependencies.DATABASE.works()
    return of(database="ok", migrations="ok" if is_migrated else "missing", followers=followers)


def of(*, database: str, migrations: str, followers: str) -> Readiness:
    """Judge. The process is ready while it can read and its code fits the schema."""
    parts = {
        "process": "stopping" if Process.is_stopping else "ok",
        "database": database,
        "migrations": migrations,
        "writing": _word(dependencies.WRITING, "fails"),
        "layer": _word(dependencies.layer(), "away"),
        "followers": followers,
    }
    return Readiness(database == "ok" and migrations == "ok" and not Process.is_stopping, parts)


def _word(dependency: dependencies.Dependency, failing: str) -> str:
    return failing if dependency.state().is_up is False else "ok"


def _kept(find: Callable[[], str], seconds: float) -> Callable[[], str]:
    found, until = "", 0.0

    def ask() -> str:
        nonlocal found, until
        if time.monotonic() >= until:
            found, until = find(), time.monotonic() + seconds
        return found

    return ask


def _lag() -> str:
    now = timezone.now()
    return "late" if any(lag_of(name).is_late(now) for name in FOLLOWERS) else "ok"


_followers = _kept(_lag, LAG_KEPT)
readiness = Look(look)
