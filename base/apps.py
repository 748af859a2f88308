"""The ground floor: what is of no domain, and knows none. Everything else stands on it."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "base"

    def ready(self) -> None:
        from base import last_runs, pool  # noqa: F401 - they register what they measure
