"""The followers app: whoever takes each log's events in order and keeps a cursor, and what is due at a time."""

from django.apps import AppConfig


class FollowersConfig(AppConfig):
    name = "followers"

    def ready(self) -> None:
        from events.archive.holds import CURSORS
        from followers.batches import cursors_in

        CURSORS.append(cursors_in)
