"""The sockets of all apps."""

from realtime.routing import websocket_urlpatterns

__all__ = ["websocket_urlpatterns"]
