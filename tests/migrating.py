"""Takes the database back to an older release, and on again."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from events import append_only


def migrated(targets: list[tuple[str, str]]) -> Any:
    """Give the models as they are there. As `migrate` does, on SQLite without the triggers of the log."""
    if connection.vendor == "sqlite":
        append_only.remove(connection)
    MigrationExecutor(connection).migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def latest() -> None:
    migrated(MigrationExecutor(connection).loader.graph.leaf_nodes())
    append_only.install(connection)
