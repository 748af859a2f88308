"""The product's settings, and the bare view at two addresses."""

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE as PRODUCT_MIDDLEWARE

ROOT_URLCONF = "bench.bare.urls"
MIDDLEWARE = ["bench.bare.alone.AloneMiddleware", *PRODUCT_MIDDLEWARE]
