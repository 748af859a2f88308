"""The ground floor: what is of no domain, and knows none. Everything else stands on it."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "base"
