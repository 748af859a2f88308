"""The ASGI application: pages by Django, sockets by Channels. `uvicorn config.asgi:application` serves it."""

import os
import sys

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    pages = get_asgi_application()  # loads the apps, which the sockets' imports need
except ImproperlyConfigured as error:
    sys.exit(f"Not configured: {error}")

from channels.routing import ProtocolTypeRouter, URLRouter

import config.urls  # noqa: F401 - a release whose pages cannot be loaded must not start
from config.bodies import bounded
from config.connections import limit_statements, stopped_with_its_client
from config.requests import identified
from config.routing import below_prefix, websocket_urlpatterns
from config.schema_check import schema_checked
from followers.inside import lifespan
from operations.heartbeats import beating
from operations.probes import probed
from realtime.origin import OriginValidator
from realtime.serving import sending
from realtime.streams import streaming

limit_statements()
application = probed(
    below_prefix(
        ProtocolTypeRouter(
            {
                "lifespan": schema_checked(beating(sending(lifespan))),
                "http": identified(streaming(bounded(stopped_with_its_client(pages)))),
                # Origin, then path, then (in the consumers) session and membership: all before `accept`.
                "websocket": OriginValidator(URLRouter(websocket_urlpatterns)),
            }
        )
    )
)
