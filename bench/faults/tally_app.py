"""The tally as an app."""

from django.apps import AppConfig


class TallyConfig(AppConfig):
    name = "bench.faults"

    def ready(self) -> None:
        from bench.faults.tally import Tally
        from followers.register import register

        register(Tally())
