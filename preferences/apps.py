"""The preferences app: what each person wants to hear of, by which channel, and at which hours."""

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    name = "preferences"
    verbose_name = "Preferences"

    def ready(self) -> None:
        from orgs import personal_data
        from preferences import chosen, services

        personal_data.register("preferences", chosen.told_of, lambda user: services.forget(user.pk))
