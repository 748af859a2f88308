"""The operations app: probes, heartbeats, the Health page and what operators run."""

from typing import cast

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        from django.contrib import admin

        from followers import due
        from operations.health_page import health_page
        from operations.heartbeats import tidy
        from orgs.administration import Administration

        cast(Administration, admin.site).add_page("health/", health_page, name="health")
        due.register("heartbeats", tidy)
