"""The cache in which tries are counted: Redis, which all processes share. While Redis is away each process counts in
its own memory, so that guessing stays slow and no page fails."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any, Self

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import ConnectionPool
from redis.exceptions import RedisError

from base.dependencies import REDIS
from config.redis_addresses import connection_options

PAUSE = 5.0  # seconds until Redis is asked again


class Away:
    """Until when Redis is not asked."""

    until = 0.0


class Pool(ConnectionPool):
    """Knows Sentinels too."""

    @classmethod
    def from_url(cls, url: str, **kwargs: Any) -> Self:
        options = connection_options(url, is_async=False) | kwargs
        address = options.pop("address", None)
        return super().from_url(address, **options) if address else cls(**options)


@cache
def _client(url: str) -> RedisCacheClient:
    """Connect once for the process. Django makes a cache for each request, and a client of its own for each."""
    return RedisCacheClient([url], pool_class=Pool, socket_connect_timeout=0.5, socket_timeout=0.5)


class SharedCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._url = server
        self._own = LocMemCache("tries", params)

    @property
    def _cache(self) -> RedisCacheClient:
        return _client(self._url)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._either(super().add, self._own.add, *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._either(super().get, self._own.get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._either(super().set, self._own.set, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._either(super().incr, self._own.incr, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._either(super().delete, self._own.delete, *args, **kwargs)

    def _either(self, shared: Callable[..., Any], own: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= Away.until:
            try:
                answer = shared(*args, **kwargs)
            except RedisError as error:
                Away.until = time.monotonic() + PAUSE
                REDIS.failed(error)
            else:
                REDIS.works()
                return answer
        return own(*args, **kwargs)
