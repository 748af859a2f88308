"""The product's settings, with the naive sockets in place of its own and the channel layer that most people take."""

from config.redis_addresses import connection_options
from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as PRODUCT_APPS
from config.settings import MIDDLEWARE as PRODUCT_MIDDLEWARE
from config.settings import REDIS_URL

# Without `realtime` nothing hears of a commit: `bench.naive` announces before it.
INSTALLED_APPS = [app for app in PRODUCT_APPS if app != "realtime"] + ["bench.naive"]
ASGI_APPLICATION = "bench.naive.asgi.application"
# A connection goes back when Django has done with the request: when its answer was read.
MIDDLEWARE = [each for each in PRODUCT_MIDDLEWARE if each != "config.connections.GiveBackMiddleware"]

if REDIS_URL:
    HOST = connection_options(REDIS_URL, is_async=True) | {
        "socket_connect_timeout": 2,
        "socket_timeout": None,
    }
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [HOST]}}
    }
