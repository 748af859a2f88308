"""Takes the database back to an older release, and on again."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrated(targets: list[tuple[str, str]]) -> Any:
    """The models as they are there."""
    MigrationExecutor(connection).migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def latest() -> None:
    migrated(MigrationExecutor(connection).loader.graph.leaf_nodes())
