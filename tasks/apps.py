"""The tasks app: commands in, events out; the Task table is a projection of the log."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Tasks"
