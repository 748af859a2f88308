"""Django's `migrate`, by one release at a time, which writes down which one it was. Nobody waits behind it for long: a
statement that finds a table in use gives up within a second, and the migration is tried again."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import Error, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from base import schema_release

LOCK = 0x_0CA2_1110  # ours, of PostgreSQL's advisory locks
PATIENCE = "1s"  # that a statement waits for a table, and whoever comes after it behind it
TRIES, PAUSE = 60, 2.0  # seconds between two
IN_USE = "55P03"


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        with _alone(connection):
            if why := schema_release.refusal_to_migrate(connection):
                raise CommandError(why)
            schema_release.about_to_migrate(connection)
            with _short_waits(connection):
                self._tried_again(lambda: super(Command, self).handle(*args, **options))
            schema_release.migrated(connection)

    def _tried_again(self, migrate: Callable[[], object]) -> None:
        """Run it until no table is in use. What was done is not done again."""
        for left in reversed(range(TRIES)):
            try:
                migrate()
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != IN_USE or not left:
                    raise
                self.stderr.write("  A table is in use; the migration is tried again.")
                time.sleep(PAUSE)
            else:
                return


@contextmanager
def _alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Refuse a second `migrate` on PostgreSQL. The lock belongs to a transaction on a connection of its own: through
    PgBouncer too it ends with us, and an index that is built concurrently does not wait for it."""
    if connection.vendor != "postgresql":
        yield
        return
    with closing(connection.copy()) as beside:
        beside.settings_dict["OPTIONS"].pop("pool", None)
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                raise CommandError("Another `migrate` is under way on this database.")
        yield
        beside.rollback()


@contextmanager
def _short_waits(connection: BaseDatabaseWrapper) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:  # it may have broken
            cursor.execute("RESET lock_timeout")
