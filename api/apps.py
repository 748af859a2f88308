"""The API app: `/api/v1`, its documents, and what every answer of it has in common."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from api.once import clear_kept
        from followers import due

        due.register("kept answers", clear_kept)
