"""One worker of a run migrates a database; the others copy that one, which takes a tenth of the time."""

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection

NAME = "pattern"


class Pattern:
    """Whoever comes first makes it from the own database; the others wait, and begin with a copy. Should the first one
    end before it is made, the next is the first."""

    def __init__(self, shared: Path) -> None:
        self._file, self._made = shared / f"{NAME}.sqlite3", shared / f"{NAME}.made"
        self._lock = (shared / f"{NAME}.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.is_there = self._made.exists()

    def copy(self) -> None:
        """What stands on SQLite is a file; PostgreSQL copies by itself, as it creates the database."""
        test = settings.DATABASES["default"]["TEST"]
        if connection.vendor == "sqlite":
            shutil.copyfile(self._file, test["NAME"])
        else:
            test["TEMPLATE"] = NAME
        self._lock.close()

    def make(self) -> None:
        """Keep a copy of this worker's database, which is migrated by now."""
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            with closing(sqlite3.connect(self._file)) as file:
                connection.connection.backup(file)
        else:
            own = connection.settings_dict["NAME"]
            connection.close()
            with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(f'CREATE DATABASE {NAME} TEMPLATE "{own}"')
        self._made.touch()
        self._lock.close()


def can_be_used() -> bool:
    """Where there are several workers, and nothing of an earlier run."""
    return "PYTEST_XDIST_WORKER" in os.environ and (
        connection.vendor == "sqlite" or "THROW_AWAY_SERVERS" in os.environ
    )
