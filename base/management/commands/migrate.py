"""Django's `migrate`, by one release at a time, which writes down which one it was."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from base import schema_release

LOCK = 0x_0CA2_1110  # ours, of PostgreSQL's advisory locks


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
            super().handle(*args, **options)
            schema_release.migrated(connection)


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
