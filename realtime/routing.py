"""Addresses of the sockets."""

from django.urls import re_path

from realtime.consumers import NotificationsConsumer
from realtime.origin import refuse

websocket_urlpatterns = [
    re_path(r"^ws/orgs/(?P<org_slug>[-\w]+)/notifications/$", NotificationsConsumer.as_asgi()),
    re_path(r"^ws/users/me/notifications/$", NotificationsConsumer.as_asgi()),
    re_path(r"", refuse),  # type: ignore[arg-type]
]
