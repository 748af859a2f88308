"""The API app: `/api/v1`, its documents, and what every answer of it has in common."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
