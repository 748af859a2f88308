"""Handshakes, close codes and delivery through a real uvicorn, with a real client library."""

import asyncio
import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from asgiref.sync import sync_to_async
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from membership.services import remove_member
from orgs.models import Membership
from tests.realtime.sockets import (
    GONE,
    dial,
    event_frames,
    frame_from,
    org_path,
    session_cookie,
    user_path,
)
from tests.waiting import LIMIT, until

acookie = sync_to_async(session_cookie)


AT_ONCE = 10  # seconds. A look at the sessions would find it too, but only every 30


async def close_code(connection) -> int:
    async with asyncio.timeout(LIMIT):
        with pytest.raises(ConnectionClosed):
            while True:
                await connection.recv()
    return connection.close_code


async def handshake_status(base, path, cookie="", **options) -> int:
    with pytest.raises(InvalidStatus) as refused:
        async with dial(base, path, cookie, **options):
            pass
    return refused.value.response.status_code


async def test_an_event_of_a_page_reaches_both_sockets_of_another_member(server, world):
    cookie = await acookie(world.bob)
    async with (
        dial(server.ws_url, org_path("acme"), cookie) as org,
        dial(server.ws_url, user_path(), cookie) as mine,
    ):
        for connection in (org, mine):
            assert (await frame_from(connection))["type"] == "welcome"
            await event_frames(connection, 1)
        await sync_to_async(world.write)(5)
        for connection in (org, mine):
            assert [frame["position"] for frame in await event_frames(connection, 5)] == [2, 3, 4, 5, 6]


async def refusal(base, path, cookie="") -> tuple[int, str, int]:
    """Status, reason, and the length of the id."""
    with pytest.raises(InvalidStatus) as refused:
        async with dial(base, path, cookie):
            pass
    response = refused.value.response
    return response.status_code, response.headers["X-Carillon-Refused"], len(response.headers["X-Request-ID"])


async def test_a_refusal_says_why_and_nothing_of_foreign_organizations(server, world):
    bob, eve = await acookie(world.bob), await acookie(world.eve)
    assert await refusal(server.ws_url, org_path("acme"), eve) == (403, "not_found", 32)
    assert await refusal(server.ws_url, org_path("nowhere"), eve) == (403, "not_found", 32)
    assert await refusal(server.ws_url, org_path("acme")) == (403, "signed_out", 32)
    assert await refusal(server.ws_url, user_path(), "sessionid=forged") == (403, "signed_out", 32)
    assert await refusal(server.ws_url, "/ws/nothing/", bob) == (403, "not_found", 32)
    assert await refusal(server.ws_url, "/ws/%00/", bob) == (403, "not_found", 32)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(server.ws_url + user_path(), additional_headers={"Cookie": bob}):
            pass
    assert refused.value.response.headers["X-Carillon-Refused"] == "origin"


async def test_the_http_twin_says_why(server, world, async_client):
    await async_client.aforce_login(world.eve)
    for slug in ("acme", "nowhere"):
        answer = await async_client.get(f"/api/orgs/{slug}/notifications/")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    await async_client.alogout()
    assert (await async_client.get("/api/users/me/notifications/")).status_code == 401


async def test_a_frame_beyond_4_kib_ends_the_socket_with_1009(server, world):
    async with dial(server.ws_url, org_path("acme"), await acookie(world.bob)) as connection:
        await connection.send("x" * 5000)
        assert await close_code(connection) == 1009


async def test_the_sixth_message_is_answered_and_ends_the_socket_with_4429(server, world):
    async with dial(server.ws_url, user_path(), await acookie(world.bob)) as connection:
        for _ in range(6):
            await connection.send('{"type": "ping"}')
        frames = []
        with pytest.raises(ConnectionClosed):
            while True:
                frames.append(await frame_from(connection))
        assert [frame["type"] for frame in frames if frame["type"] in ("pong", "error")] == ["pong"] * 5 + [
            "error"
        ]
        assert connection.close_code == 4429


async def test_a_handshake_may_bring_as_many_cookies_as_a_page(server, world):
    cookie = f"{await acookie(world.bob)}; theme={'a' * 9000}"
    async with dial(server.ws_url, org_path("acme"), cookie) as connection:
        assert (await frame_from(connection))["type"] == "welcome"


async def test_a_flood_of_control_frames_ends_with_4429_and_nobody_else_notices(server, world):
    cookie = await acookie(world.bob)
    async with (
        dial(server.ws_url, org_path("acme"), cookie) as other,
        dial(server.ws_url, org_path("acme"), cookie) as floods,
    ):
        for connection in (other, floods):
            await event_frames(connection, 1)
        for _ in range(100):
            await floods.pong(b"a" * 125)
        assert await close_code(floods) == 4429
        await sync_to_async(world.write)()
        assert [frame["position"] for frame in await event_frames(other, 1)] == [2]


@pytest.mark.parametrize("sent", ["{", "", "[]", b"\x00", b"", ["frag", "mented"]])
async def test_nonsense_is_answered_and_leaves_no_trace(server, world, sent):
    """The `server` fixture fails the test when the server logs a traceback."""
    async with dial(server.ws_url, user_path(), await acookie(world.bob)) as connection:
        await connection.send(sent)
        while (frame := await frame_from(connection))["type"] != "error":
            pass
        assert frame["error"]["code"] == "bad_message"
        await sync_to_async(world.write)()
        assert [frame["position"] for frame in await event_frames(connection, 1)]


async def test_a_removed_member_is_closed_with_4403(server, world):
    def remove():
        remove_member(by=Membership.objects.get(user=world.alice), user_id=world.bob.pk)

    async with dial(server.ws_url, org_path("acme"), await acookie(world.bob)) as connection:
        await event_frames(connection, 1)
        await sync_to_async(remove)()
        assert await close_code(connection) == 4403
    assert await handshake_status(server.ws_url, org_path("acme"), await acookie(world.bob)) == 403


async def test_a_client_that_vanishes_leaves_no_trace(server, world):
    cookie = await acookie(world.bob)
    for _ in range(10):
        connection = await dial(server.ws_url, org_path("acme"), cookie)
        connection.transport.abort()
        await sync_to_async(world.write)()


async def test_a_killed_server_loses_nothing_for_whoever_resumes_elsewhere(start_server, world):
    first, second = await sync_to_async(start_server)(), await sync_to_async(start_server)()
    cookie = await acookie(world.bob)
    async with dial(first.ws_url, org_path("acme"), cookie) as connection:
        cursor = (await event_frames(connection, 1))[-1]["cursor"]
        await sync_to_async(world.write)(3)
        cursor = (await event_frames(connection, 3))[-1]["cursor"]
        await sync_to_async(first.kill)()
        await sync_to_async(world.write)(4)
        assert await close_code(connection) == 1006
    async with dial(second.ws_url, org_path("acme", cursor), cookie) as connection:
        assert (await frame_from(connection))["replay"] == {"mode": "resume", "count": 4, "missed": 4}
        await sync_to_async(world.write)()
        assert [frame["position"] for frame in await event_frames(connection, 5)] == [5, 6, 7, 8, 9]


async def test_a_server_told_to_stop_says_so_and_goes(start_server, world):
    server = await sync_to_async(start_server)()
    async with dial(server.ws_url, org_path("acme"), await acookie(world.bob)) as connection:
        await event_frames(connection, 1)
        await sync_to_async(server.terminate)()
        assert await close_code(connection) == 1012
    await until(lambda: not server.is_ready(), "the server goes", limit=GONE)


async def test_sockets_and_pages_of_two_processes_share_one_log(start_server, world):
    """Without Redis the poll alone carries events from process to process; with it they are there at once."""
    one, two = await sync_to_async(start_server)(), await sync_to_async(start_server)()
    cookies = {user: await acookie(user) for user in (world.alice, world.bob)}
    async with (
        dial(one.ws_url, user_path(), cookies[world.bob]) as here,
        dial(two.ws_url, user_path(), cookies[world.bob]) as there,
    ):
        for connection in (here, there):
            await event_frames(connection, 1)
        await sync_to_async(world.write)(3)
        for connection in (here, there):
            assert [frame["position"] for frame in await event_frames(connection, 3)] == [2, 3, 4]


async def test_a_comment_posted_over_http_is_live_under_uvicorn(server, world):
    """The whole way: a form in one process's thread, the commit, the layer, the hub, a socket."""
    alice, cookie = await acookie(world.alice), await acookie(world.bob)
    async with dial(server.ws_url, org_path("acme"), cookie) as connection:
        await event_frames(connection, 1)
        assert (
            await sync_to_async(submit)(server, "/orgs/acme/tasks/1/comment/", alice, text="Over the wire")
            == 200
        )
        frame = (await event_frames(connection, 1))[0]
        assert frame["sentence"] == "Alice commented on ACME-1"
        assert json.dumps(frame["details"]["text"]) == '"Over the wire"'


def submit(server, path: str, cookie: str, **fields: str) -> int:
    """A form of somebody signed in, sent through the server's own pages."""
    token = "a" * 32
    body = urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
    headers = {"Cookie": f"{cookie}; csrftoken={token}", "Origin": server.base_url}
    with urlopen(Request(server.base_url + path, body, headers), timeout=LIMIT) as answer:
        return answer.status


async def test_signing_out_closes_the_sockets_of_that_session_at_once(server, world):
    ends, stays = await acookie(world.bob), await acookie(world.bob)
    async with (
        dial(server.ws_url, user_path(), ends) as mine,
        dial(server.ws_url, org_path("acme"), ends) as org,
        dial(server.ws_url, user_path(), stays) as other,
    ):
        for connection in (mine, org, other):
            await event_frames(connection, 1)
        await sync_to_async(submit)(server, "/accounts/logout/", ends)
        async with asyncio.timeout(AT_ONCE):
            assert [await close_code(connection) for connection in (mine, org)] == [4401, 4401]
        await sync_to_async(world.write)()
        assert await event_frames(other, 1)


async def test_a_new_password_closes_the_sockets_of_all_sessions(server, world):
    here, elsewhere = await acookie(world.bob), await acookie(world.bob)
    words = {"old_password": "demo", "new_password1": "much-longer-4711", "new_password2": "much-longer-4711"}
    async with (
        dial(server.ws_url, user_path(), here) as mine,
        dial(server.ws_url, org_path("acme"), elsewhere) as other,
    ):
        for connection in (mine, other):
            await event_frames(connection, 1)
        await sync_to_async(submit)(server, "/accounts/password_change/", here, **words)
        async with asyncio.timeout(AT_ONCE):
            assert [await close_code(connection) for connection in (mine, other)] == [4401, 4401]
