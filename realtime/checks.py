"""System checks: settings that would silently lose live updates."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connection


@register()
def shared_layer(**_: Any) -> list[CheckMessage]:
    """Refuse several workers on the in-memory layer, which does not cross processes. PostgreSQL has a layer in it."""
    if settings.WORKERS > 1 and not settings.REDIS_URL and connection.vendor != "postgresql":
        return [
            Error(
                f"{settings.WORKERS} workers need a channel layer that crosses processes.",
                hint="Set REDIS_URL or use PostgreSQL, or serve with one worker.",
                id="realtime.E001",
            )
        ]
    return []
