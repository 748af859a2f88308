"""Redis is a hint: whatever becomes of it, writes succeed and every event arrives."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async

from servers import Redis
from tests.realtime.sockets import dial, event_frames, org_path, session_cookie
from tests.realtime.test_server import submit
from tests.waiting import until

pytestmark = pytest.mark.second


@pytest.fixture
def redis(tmp_path):
    with Redis(tmp_path) as redis:
        yield redis


def comment(server, cookie) -> None:
    """Alice comments through the pages of that server."""
    assert submit(server, "/orgs/acme/tasks/1/comment/", cookie, text="ding") == 200


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

        async def write_and_see() -> None:
            nonlocal position
            await sync_to_async(comment)(one, alice)
            position += 1
            for socket in sockets:
                assert [frame["position"] for frame in await event_frames(socket, 1)] == [position]

        await write_and_see()
        await sync_to_async(redis.kill)()
        for _ in range(3):
            await write_and_see()
        await sync_to_async(redis.start)()
        for _ in range(3):
            await write_and_see()
    for server in (one, two):
        assert "Traceback" not in server.log


async def test_a_frozen_redis_holds_up_no_write_and_no_event(start_server, world, redis):
    server = await sync_to_async(start_server)(REDIS_URL=redis.url)
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with dial(server.ws_url, org_path("acme"), bob) as socket:
        await event_frames(socket, 1)
        await sync_to_async(comment)(server, alice)
        await event_frames(socket, 1)
        await sync_to_async(redis.freeze)()
        try:
            for _ in range(2):
                await sync_to_async(comment)(server, alice)
            assert [frame["position"] for frame in await event_frames(socket, 2)] == [3, 4]
        finally:
            await sync_to_async(redis.thaw)()
        await sync_to_async(comment)(server, alice)
        assert [frame["position"] for frame in await event_frames(socket, 1)] == [5]
    assert "Traceback" not in server.log


class Tunnel:
    """A way to Redis that can go deaf without a word, as a router does that forgot a connection: what is open stays
    open and carries nothing, what is opened later works."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.deaf: set[asyncio.Task[None]] = set()
        self.carrying: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Tunnel":
        self.server = await asyncio.start_server(self.carry, "127.0.0.1")
        self.url = f"redis://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/0"
        return self

    async def __aexit__(self, *_) -> None:
        self.server.close()
        for task in self.carrying:
            task.cancel()
        await asyncio.gather(*self.carrying, return_exceptions=True)

    def go_deaf(self) -> None:
        self.deaf |= self.carrying

    async def carry(self, reader, writer) -> None:
        there = await asyncio.open_connection("127.0.0.1", self.target)
        task = asyncio.current_task()
        self.carrying.add(task)
        try:
            await asyncio.gather(self.copy(reader, there[1], task), self.copy(there[0], writer, task))
        finally:
            self.carrying.discard(task)
            for each in (writer, there[1]):
                each.transport.abort()

    async def copy(self, source, target, task) -> None:
        while data := await source.read(1 << 16):
            if task not in self.deaf:
                target.write(data)
        target.transport.abort()


async def test_hints_come_again_when_the_connection_to_redis_has_died_without_a_word(
    start_server, world, redis
):
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with Tunnel(redis.port) as tunnel:
        here = await sync_to_async(start_server)(REDIS_URL=redis.url)
        there = await sync_to_async(start_server)(REDIS_URL=tunnel.url)
        async with dial(there.ws_url, org_path("acme"), bob) as socket:
            await event_frames(socket, 1)

            async def seconds_to_arrive() -> float:
                await sync_to_async(comment)(here, alice)
                start = time.monotonic()
                await event_frames(socket, 1)
                return time.monotonic() - start

            async def is_noticed() -> bool:
                # What comes while the group is still being joined is looked for then, and misses no hint.
                await seconds_to_arrive()
                return "Hints were missed" in there.log

            tunnel.go_deaf()
            await until(is_noticed, "it is noticed")
            # By the poll alone each takes a second on average.
            await until(
                lambda: all_quick([seconds_to_arrive() for _ in range(3)]), "hints come again", limit=240
            )
    for server in (here, there):
        assert "Traceback" not in server.log


async def all_quick(arrivals) -> bool:
    return max([await arrival for arrival in arrivals]) < 0.5


async def test_a_server_that_starts_while_redis_is_away_follows_all_the_same(start_server, world, redis):
    url = redis.url
    await sync_to_async(redis.kill)()
    server = await sync_to_async(start_server)(REDIS_URL=url)
    other = await sync_to_async(start_server)(REDIS_URL=url)
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with dial(server.ws_url, org_path("acme"), bob) as socket:
        await event_frames(socket, 1)
        for position in (2, 3):
            await sync_to_async(comment)(other, alice)
            assert [frame["position"] for frame in await event_frames(socket, 1)] == [position]
    assert "Traceback" not in server.log
    assert server.log.count("is away: ") == 1
