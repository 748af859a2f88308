"""The inbox app: who is told of an event, what they have read, and what they still have to see."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "inbox"
    verbose_name = "Inbox"

    def ready(self) -> None:
        from events.archive.holds import HOLDS
        from followers import due
        from inbox import (
            audit,  # noqa: F401 - registers its part of the audit's page
            choices,
            findings,  # noqa: F401 - registers its check
            held,
            personal,
            retention,
            snoozed,
            why_page,  # noqa: F401 - another part of that page
        )
        from orgs import personal_data

        choices.protect_choices()
        HOLDS.append(held.streams_in_inboxes)
        personal_data.register("notifications", personal.notifications_of)
        due.register("snoozes", snoozed.wake_snoozed)
        due.register("old notifications", retention.clear_inboxes)
