"""The product's settings on the other Redis layer, `channels_redis.core`: lists instead of publish and subscribe."""

from config.settings import *  # noqa: F403
from config.settings import CHANNEL_LAYERS as ON_PUBSUB

CHANNEL_LAYERS = {
    "default": ON_PUBSUB["default"] | {"BACKEND": "channels_redis.core.RedisChannelLayer"},
}
