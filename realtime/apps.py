"""The realtime app: from announcements to sockets. It only ever shows what the database holds."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from base.announcements import announced
        from realtime import checks  # noqa: F401
        from realtime.broadcast import broadcast_announcement

        announced.connect(broadcast_announcement, dispatch_uid="realtime")
