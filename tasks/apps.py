"""The tasks app: commands in, events out; the Task table is a projection of the log."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Tasks"

    def ready(self) -> None:
        from tasks import (
            findings,  # noqa: F401 - registers its check
            subject,  # noqa: F401 - registers what the events are about
        )
