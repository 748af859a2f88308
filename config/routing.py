"""The sockets of all apps, and where they begin."""

from typing import Any

from django.conf import settings

from realtime.routing import websocket_urlpatterns

__all__ = ["below_prefix", "websocket_urlpatterns"]


def below_prefix(application: Any) -> Any:
    """Let an ASGI application stand below PATH_PREFIX, whether a proxy took it off the path or left it on."""
    prefix = settings.PATH_PREFIX

    async def call(scope: dict[str, Any], receive: Any, send: Any) -> None:
        path = scope.get("path", "")  # the lifespan has none
        if path == prefix or path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
        await application(scope | {"path": prefix + path, "root_path": prefix}, receive, send)

    return call if prefix else application
