"""PostgreSQL, Redis and two workers: the same as one process."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from asgiref.sync import sync_to_async

from tests.realtime.sockets import GONE, dial, event_frames, org_path, session_cookie, user_path
from tests.realtime.test_layer_away import comment
from tests.waiting import until

pytestmark = pytest.mark.services
SOCKETS = 12  # so many that both workers have some: the odds against are 1 to 2,048


async def test_every_socket_of_both_workers_hears_every_event_once(start_server, world):
    server = await sync_to_async(start_server)(workers=2)
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(dial(server.ws_url, path, bob))
            for path in [org_path("acme"), user_path()] * (SOCKETS // 2)
        ]
        for socket in sockets:
            await event_frames(socket, 1)
        await asyncio.gather(
            *(sync_to_async(comment, thread_sensitive=False)(server, alice) for _ in range(10))
        )
        for socket in sockets:
            assert [frame["position"] for frame in await event_frames(socket, 10)] == list(range(2, 12))
        await sync_to_async(server.terminate)()
        for socket in sockets:
            await socket.wait_closed()
            assert socket.close_code == 1012
    await until(lambda: not server.is_running, "both workers go", limit=GONE)
    assert "Traceback" not in server.log
