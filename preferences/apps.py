"""The preferences app: what each person wants to hear of, by which channel, and at which hours."""

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    name = "preferences"
    verbose_name = "Preferences"
