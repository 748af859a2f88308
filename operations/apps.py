"""The operations app: probes, heartbeats, the Health page and what operators run."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        from followers import due
        from operations.heartbeats import tidy

        due.register("heartbeats", tidy)
