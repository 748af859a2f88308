"""Connections to the Redis that Sentinel calls the master. A Sentinel may be away, behind the times, or lie: each
connection begins with the next one, and is kept only where the server itself says that it is the master.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import redis
from redis import asyncio as aredis
from redis.asyncio.connection import Connection as AsyncConnection
from redis.asyncio.connection import SSLConnection as AsyncSSLConnection
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

STEP = 0.3  # seconds that a Sentinel may take to connect and to answer: a hint has half a second in all
AWAY = (RedisError, OSError, TimeoutError)

WHERE = "SENTINEL GET-MASTER-ADDR-BY-NAME"

Address = tuple[str, int]


@dataclass(frozen=True)
class Sentinels:
    """`options`: how one is spoken to, as redis-py names it (password, ssl ...)."""

    addresses: tuple[Address, ...]
    master: str
    options: dict[str, Any] = field(default_factory=dict)
    _turn: count[int] = field(default_factory=count)

    def in_turn(self) -> Iterator[Address]:
        """Give all of them, each time from another one on: whichever is slow or wrong is not the first twice."""
        first = next(self._turn)
        for number in range(len(self.addresses)):
            yield self.addresses[(first + number) % len(self.addresses)]

    def _how(self, address: Address) -> dict[str, Any]:
        host, port = address
        limits = {"socket_connect_timeout": STEP, "socket_timeout": STEP, "decode_responses": True}
        return {"host": host, "port": port, **limits, **self.options}

    def ask(self, address: Address) -> Address:
        """Ask this Sentinel where the master is. Raises one of AWAY."""
        with redis.Redis(**self._how(address), retry=Retry(NoBackoff(), 0)) as sentinel:
            return self._known(sentinel.execute_command(WHERE, self.master))

    async def ask_async(self, address: Address) -> Address:
        """Do `ask` in async code."""
        async with aredis.Redis(**self._how(address), retry=AsyncRetry(NoBackoff(), 0)) as sentinel:
            return self._known(await sentinel.execute_command(WHERE, self.master))  # type: ignore[no-untyped-call]

    def _known(self, answer: Any) -> Address:
        if answer is None:
            raise RedisConnectionError(f"knows no master {self.master}")
        host, port = answer
        return str(host), int(port)


class NoMaster(RedisConnectionError):
    """`found`: what was wrong with what each Sentinel said."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(f"no Sentinel leads to a master: {'; '.join(found)}")


def expect_master(greeting: Any) -> None:
    """Refuse a server that is none. HELLO tells even those who may ask for nothing else."""
    told = greeting if isinstance(greeting, dict) else dict(zip(greeting[::2], greeting[1::2], strict=True))
    role = told.get(b"role", told.get("role"))
    if role not in (b"master", "master"):
        raise RedisConnectionError("this server is no master")


class ToMaster(Connection):
    def __init__(self, *, sentinels: Sentinels, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._sentinels = sentinels

    def connect_check_health(self, *args: Any, **kwargs: Any) -> None:
        if self._sock is not None:
            return  # type: ignore[unreachable]
        found = []
        for sentinel in self._sentinels.in_turn():
            try:
                self.host, self.port = self._sentinels.ask(sentinel)
                super().connect_check_health(*args, **kwargs)
            except AWAY as error:
                found.append(_what(sentinel, error))
            else:
                return
        raise NoMaster(found)

    def on_connect_check_health(self, check_health: bool = True) -> None:
        super().on_connect_check_health(check_health)
        self.send_command("HELLO", check_health=False)  # type: ignore[no-untyped-call]
        expect_master(self.read_response())  # type: ignore[no-untyped-call]


class ToMasterAsync(AsyncConnection):
    def __init__(self, *, sentinels: Sentinels, **options: Any) -> None:
        super().__init__(**options)
        self._sentinels = sentinels

    async def connect_check_health(self, *args: Any, **kwargs: Any) -> None:
        if self.is_connected:
            return
        found = []
        for sentinel in self._sentinels.in_turn():
            try:
                self.host, self.port = await self._sentinels.ask_async(sentinel)
                await super().connect_check_health(*args, **kwargs)
            except AWAY as error:
                found.append(_what(sentinel, error))
            else:
                return
        raise NoMaster(found)

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        await super().on_connect_check_health(check_health)
        await self.send_command("HELLO", check_health=False)
        expect_master(await self.read_response())


class ToMasterTls(ToMaster, SSLConnection):
    pass


class ToMasterTlsAsync(ToMasterAsync, AsyncSSLConnection):
    pass


def _what(sentinel: Address, error: Exception) -> str:
    host, port = sentinel
    return f"{host}:{port}: {str(error) or type(error).__name__}"
