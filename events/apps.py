"""The events app: the log, one per organization. It knows the words, never the rules."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "History"
