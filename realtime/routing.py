"""Addresses of the sockets."""

from django.urls import re_path

from realtime.consumers import OrgNotificationsConsumer, UserNotificationsConsumer
from realtime.origin import refuse

websocket_urlpatterns = [
    re_path(r"^ws/orgs/(?P<org_slug>[-\w]+)/notifications/$", OrgNotificationsConsumer.as_asgi()),
    re_path(r"^ws/users/me/notifications/$", UserNotificationsConsumer.as_asgi()),
    re_path(r"", refuse),  # type: ignore[arg-type]
]
