"""The ASGI application: pages by Django, sockets by Channels. `uvicorn config.asgi:application` serves it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()  # loads the apps, which the sockets' imports need

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from config.bodies import bounded  # noqa: E402
from config.requests import identified  # noqa: E402
from config.routing import websocket_urlpatterns  # noqa: E402
from realtime.origin import OriginValidator  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": identified(bounded(pages)),
        # Origin, then path, then (in the consumers) session and membership: all before `accept`.
        "websocket": OriginValidator(URLRouter(websocket_urlpatterns)),
    }
)
