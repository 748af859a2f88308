"""A Sentinel may be away, behind the times, or lie. Whoever is told where the master is asks the server itself."""

import pytest
import redis
from redis import asyncio as aredis
from redis import exceptions

from config import tries
from config.redis_addresses import connection_options
from config.sentinels import NoMaster, expect_master
from servers import Redis
from servers.process import free_port
from servers.redis import Sentinel

pytestmark = pytest.mark.second


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    directory = tmp_path_factory.mktemp("redis")
    with Redis(directory) as master, Redis(directory, replica_of=master.port) as replica:
        yield master, replica


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory, pair):
    """One that is right, and one that names the replica."""
    directory = tmp_path_factory.mktemp("sentinels")
    master, replica = pair
    with Sentinel(directory, master.port) as right, Sentinel(directory, replica.port) as liar:
        yield right, liar


def url(*ports: int) -> str:
    return f"redis+sentinel://{','.join(f'127.0.0.1:{port}' for port in ports)}/mymaster/0"


def pool(kind, address: str, *, is_async: bool):
    return kind(**connection_options(address, is_async=is_async), socket_timeout=5)


@pytest.fixture
def misleading(sentinels) -> str:
    """One that lies, one that is away, one of another master, and one that is right."""
    right, liar = sentinels
    return url(liar.port, free_port(), right.port)


def test_each_connection_ends_at_the_master_whoever_is_asked_first(pair, misleading):
    found = pool(redis.ConnectionPool, misleading, is_async=False)
    for _ in range(3):
        connection = found.make_connection()
        connection.connect()
        assert connection.port == pair[0].port
        connection.disconnect()


async def test_the_layers_connections_do_too(pair, misleading):
    found = pool(aredis.ConnectionPool, misleading, is_async=True)
    for _ in range(3):
        connection = found.make_connection()
        await connection.connect()
        assert connection.port == pair[0].port
        await connection.disconnect()


async def test_who_leads_nowhere_is_named_with_the_reason(pair, sentinels):
    right, liar = sentinels
    away = free_port()
    nowhere = url(liar.port, away)
    for _ in range(2):
        with pytest.raises(NoMaster) as told:
            pool(redis.ConnectionPool, nowhere, is_async=False).make_connection().connect()
        assert f"127.0.0.1:{liar.port}: this server is no master" in str(told.value)
        assert f"127.0.0.1:{away}: Error 111" in str(told.value)
    with pytest.raises(NoMaster, match="knows no master another"):
        other = url(right.port).replace("mymaster", "another")
        await pool(aredis.ConnectionPool, other, is_async=True).make_connection().connect()


def test_tries_are_counted_at_the_master(pair, misleading, monkeypatch):
    monkeypatch.setattr(tries.Away, "until", 0.0)
    cache = tries.SharedCache(misleading, {})
    assert cache.add("a-lock", 1, 10) is True
    with redis.Redis(port=pair[0].port) as master:
        assert master.keys("*a-lock")
    tries._client(misleading).get_client().connection_pool.disconnect()
    tries._client.cache_clear()


@pytest.mark.parametrize("greeting", [{b"role": b"replica"}, [b"server", b"redis", b"role", b"replica"], []])
def test_a_server_that_does_not_say_it_is_the_master_is_refused(greeting):
    with pytest.raises(exceptions.ConnectionError, match="no master"):
        expect_master(greeting)
