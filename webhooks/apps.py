"""The webhooks app: followers that post an organization's events to addresses of its own."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from events.archive.holds import CURSORS
        from followers import beside, due
        from webhooks import (
            figures,  # noqa: F401 - registers what it counts
            personal,
            recording,
            standing,
            subject,  # noqa: F401 - registers what the events are about
        )
        from webhooks.worker import Worker

        personal.register()
        CURSORS.append(standing.cursors_in)
        beside.register("webhooks", Worker)
        due.register("webhook deliveries", recording.clear)
