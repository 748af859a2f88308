"""Redis is a hint: whatever becomes of it, writes succeed and every event arrives."""

import time

import pytest
from asgiref.sync import sync_to_async

from tests.realtime.sockets import dial, event_frames, org_path, session_cookie
from tests.realtime.test_server import submit
from tests.servers import Redis

CAUGHT_UP = 2 + 2  # seconds: the poll's interval, and two more


@pytest.fixture
def redis(tmp_path):
    with Redis(tmp_path) as redis:
        yield redis


def comment(server, cookie) -> float:
    """Alice comments through the pages of that server. Returns how many seconds it took."""
    start = time.monotonic()
    assert submit(server, "/orgs/acme/tasks/1/comment/", cookie, text="ding") == 200
    return time.monotonic() - start


async def test_redis_killed_and_back_loses_nothing(start_server, world, redis):
    one = await sync_to_async(start_server)(REDIS_URL=redis.url)
    two = await sync_to_async(start_server)(REDIS_URL=redis.url)
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with (
        dial(one.ws_url, org_path("acme"), bob) as here,
        dial(two.ws_url, org_path("acme"), bob) as there,
    ):
        sockets = (here, there)
        for socket in sockets:
            await event_frames(socket, 1)
        position = 1

        async def write_and_see(limit: float) -> None:
            nonlocal position
            await sync_to_async(comment)(one, alice)
            position += 1
            start = time.monotonic()
            for socket in sockets:
                assert [frame["position"] for frame in await event_frames(socket, 1)] == [position]
            assert time.monotonic() - start < limit

        await write_and_see(CAUGHT_UP)
        await sync_to_async(redis.kill)()
        for _ in range(3):
            await write_and_see(CAUGHT_UP)
        await sync_to_async(redis.start)()
        for _ in range(3):
            await write_and_see(CAUGHT_UP)
    for server in (one, two):
        assert "Traceback" not in server.log


async def test_a_frozen_redis_holds_a_write_up_for_half_a_second_at_most_and_then_not_at_all(
    start_server, world, redis
):
    server = await sync_to_async(start_server)(REDIS_URL=redis.url)
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with dial(server.ws_url, org_path("acme"), bob) as socket:
        await event_frames(socket, 1)
        usual = await sync_to_async(comment)(server, alice)
        await event_frames(socket, 1)
        await sync_to_async(redis.freeze)()
        try:
            first, second = [await sync_to_async(comment)(server, alice) for _ in range(2)]
            assert first < usual + 2
            assert second < usual + 1
            assert [frame["position"] for frame in await event_frames(socket, 2)] == [3, 4]
        finally:
            await sync_to_async(redis.thaw)()
        await sync_to_async(comment)(server, alice)
        assert [frame["position"] for frame in await event_frames(socket, 1)] == [5]
    assert "Traceback" not in server.log
