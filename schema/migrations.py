"""`python -m schema.migrations`: refuses a new migration that the release before could not bear, or behind which people
would wait. Needs PostgreSQL by DATABASE_URL, in which it changes nothing. `--released` writes down what is released."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import django
from django.db.migrations.operations import RunPython
from django.db.migrations.operations.base import Operation

from base.release import OLDEST_BESIDE, numbers
from schema.migration_sql import findings

BASELINE = Path(__file__).parent / "released_migrations.txt"
OPAQUE = "RUNPYTHON"
MEANING = {
    "RENAME_TABLE": "renames a table, which the release before asks by its name",
    "RENAME_COLUMN": "renames a column, which the release before asks by its name",
    "DROP_TABLE": "drops a table: only when no release that may still run uses it",
    "DROP_COLUMN": "drops a column: only when no release that may still run uses it",
    "NOT_NULL": "has no default in the database (`db_default`): each row that the release before inserts would fail",
    "ALTER_COLUMN": "alters a column's type, writing the whole table anew under a lock",
    "ADD_UNIQUE": "adds a unique constraint under a lock: AddUniqueConcurrently of base/online.py",
    "ADD_CONSTRAINT": "verifies a constraint under a lock: AddCheckInSteps of base/online.py",
    "CREATE_INDEX": "builds an index while writers wait: AddIndexConcurrently of base/online.py",
    "CREATE_INDEX_EXCLUSIVE": "builds an index while everybody waits: AddIndexConcurrently of base/online.py",
    "DROP_INDEX": "drops an index while everybody waits: RemoveIndexConcurrently of base/online.py",
    "REINDEX": "builds an index while writers wait",
    "DROP_DEFAULT": "takes away a default which the release before may count on",
    "WRITES_ANEW": "has another value for each row: the whole table is written anew under a lock",
    "DATA": "changes data in one statement: long work is a follower's",
    OPAQUE: "runs Python that this check cannot read",
}


class Finding(NamedTuple):
    migration: str
    code: str
    statement: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.code} {MEANING[self.code]}\n    {self.statement[:150]}"


def not_borne(name: str, found: Iterable[tuple[str, str]], accepted: dict[str, str]) -> Iterator[Finding]:
    """Leave out what the migration's module accepts: `ACCEPTED = {"DROP_COLUMN": "0.2.0"}` names the oldest release
    that bears it, and holds only when no older one may run (`base/release.py: OLDEST_BESIDE`)."""
    for code, statement in found:
        if code not in accepted or numbers(accepted[code]) > numbers(OLDEST_BESIDE):
            yield Finding(name, code, statement)


def check() -> list[Finding]:
    """Find what is wrong with the migrations that are not released. Needs Django set up."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection, replace_migrations=False)
    found: list[Finding] = []
    for app, name in _new(loader.disk_migrations):
        migration = loader.disk_migrations[app, name]
        wrong = list(findings(loader.collect_sql([(migration, False)])))
        wrong += [(OPAQUE, getattr(each.code, "__name__", "")) for each in _python(migration.operations)]
        accepted = getattr(import_module(migration.__module__), "ACCEPTED", {})
        found += not_borne(f"{app}.{name}", wrong, accepted)
    return found


def _python(operations: Iterable[Operation]) -> Iterator[RunPython]:
    for each in operations:
        if isinstance(each, RunPython):
            yield each
        yield from _python(getattr(each, "database_operations", ()))


def _new(migrations: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """List those of our own apps that are not released."""
    released = set(BASELINE.read_text().split())
    return sorted((app, name) for app, name in _own(migrations) if f"{app}.{name}" not in released)


def _own(migrations: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    from base.schema_release import own_apps

    ours = own_apps()
    return (each for each in migrations if each[0] in ours)


def _release() -> None:
    from django.db.migrations.loader import MigrationLoader

    names = sorted(f"{app}.{name}\n" for app, name in _own(MigrationLoader(None).disk_migrations))
    BASELINE.write_text("".join(names))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m schema.migrations", description=__doc__)
    parser.add_argument("--released", action="store_true", help="what is there now is released")
    released = parser.parse_args().released
    django.setup()
    if released:
        _release()
        return 0
    found = check()
    for each in found:
        sys.stdout.write(f"{each}\n")
    if found:
        sys.stdout.write("The release before could not bear this: docs/upgrading.md says how it is done.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
