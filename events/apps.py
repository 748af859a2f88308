"""The events app: the log, one per organization. It knows the words, never the rules."""

import logging
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate, pre_migrate

from events import append_only

logger = logging.getLogger(__name__)


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "History"

    def ready(self) -> None:
        from events import (
            personal,
            verification,  # noqa: F401 - registers its checks
        )
        from orgs import personal_data

        personal_data.register("texts", personal.texts_of)

        pre_migrate.connect(make_way, sender=self)
        post_migrate.connect(put_triggers_back, sender=self)


def make_way(*, using: str, plan: list[Any], **_: Any) -> None:
    """Take the triggers away on SQLite: it remakes no table of which a trigger of another table speaks."""
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        append_only.remove(connection)


def put_triggers_back(*, using: str, verbosity: int, **_: Any) -> None:
    """Put the triggers back after every `migrate`: a restored dump may lack them too."""
    connection = connections[using]
    if ("events", "0006_text_organization") not in MigrationRecorder(connection).applied_migrations():
        return
    if missing := append_only.missing_triggers(connection):
        append_only.install(connection)
        if verbosity:
            logger.info("put back the triggers that keep the history: %s", ", ".join(missing))
