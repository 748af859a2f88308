"""The preferences app: what each person wants to hear of, by which channel, and at which hours."""

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    name = "preferences"
    verbose_name = "Preferences"

    def ready(self) -> None:
        from orgs import personal_data
        from preferences import personal, services

        personal_data.register("preferences", personal.switches_of, lambda user: services.forget(user.pk))
        personal_data.register("hours", personal.hours_of)
