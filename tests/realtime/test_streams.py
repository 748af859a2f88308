"""Streams through a real uvicorn, by a client that knows HTTP and nothing else."""

import asyncio
import json
import signal
from contextlib import AsyncExitStack

import pytest
from asgiref.sync import sync_to_async

from bench.processes import resident_bytes
from membership.services import remove_member
from orgs.models import Membership
from realtime import hub
from realtime.streams import accepts
from tests.realtime.event_streams import request, streamed
from tests.realtime.sockets import dial, event_frames, frame_from, session_cookie, user_path
from tests.tokens.making import new_token
from tokens.scopes import INBOX, READ

MINE, ORG = "/api/v1/stream", "/api/v1/orgs/acme/stream"
acookie = sync_to_async(session_cookie)


async def signed(person) -> str:
    return f"Cookie: {await acookie(person)}"


async def test_a_stream_says_what_its_socket_says(server, world):
    cookie = await acookie(world.bob)
    async with (
        dial(server.ws_url, user_path(), cookie) as socket,
        streamed(server, MINE, f"Cookie: {cookie}") as mine,
        streamed(server, ORG, f"Cookie: {cookie}", version="1.0") as org,
    ):
        assert (mine.status, mine.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert mine.headers["cache-control"] == "no-store"
        assert mine.headers["x-accel-buffering"] == "no"
        assert len(mine.headers["x-request-id"]) == 32
        welcome = await frame_from(socket)
        assert (await mine.event()) == ("", "welcome", welcome)
        assert (await org.event()).name == "welcome"
        assert 1000 <= mine.retry <= 3000
        await sync_to_async(world.write)(4)
        frames = await event_frames(socket, 5)
        assert [event.data for event in await mine.log_events(5)] == frames
        assert [event.data["position"] for event in await org.log_events(5)] == [1, 2, 3, 4, 5]
        assert mine.last_id == frames[-1]["cursor"]


async def test_it_goes_on_from_the_last_id_and_the_header_wins(server, world):
    cookie = await signed(world.bob)
    async with streamed(server, ORG, cookie) as stream:
        await stream.log_events(1)
        first = stream.last_id
        await sync_to_async(world.write)(3)
        await stream.log_events(1)
        second = stream.last_id
    async with streamed(server, f"{ORG}?after={first}", cookie, f"Last-Event-ID: {second}") as stream:
        assert (await stream.event()).data["replay"] == {"mode": "resume", "count": 2, "missed": 2}
        await stream.log_events(2)
    async with streamed(server, f"{ORG}?after={stream.last_id}", cookie) as again:
        welcome = await again.event()
        assert (welcome.id, welcome.data["replay"]["count"]) == (stream.last_id, 0)


REFUSALS = [
    (MINE, "eve", [], "POST", 405, "wrong_method"),
    (MINE, "eve", ["Accept: text/html, text/event-stream;q=0"], "GET", 406, "not_acceptable"),
    (MINE, "eve", ["Content-Length: 1"], "GET", 400, "invalid"),
    (MINE, "eve", ["Origin: https://evil.example"], "GET", 403, "foreign_origin"),
    (MINE, "eve", ["Origin: null"], "GET", 403, "foreign_origin"),
    (MINE, None, [], "GET", 401, "signed_out"),
    (MINE, None, ["Authorization: Bearer crl_nonsense"], "GET", 401, "invalid_token"),
    (ORG, "eve", [], "GET", 404, "not_found"),
    ("/api/v1/orgs/nowhere/stream", "eve", [], "GET", 404, "not_found"),
]


async def test_a_refusal_is_a_status_with_what_to_do(server, world):
    for path, name, lines, method, status, code in REFUSALS:
        cookie = [await signed(getattr(world, name))] if name else []
        async with streamed(server, path, *cookie, *lines, method=method) as stream:
            problem = json.loads(await stream.body())
            assert (stream.status, problem["status"], problem["code"]) == (status, status, code), path
            assert problem["request_id"] == stream.headers["x-request-id"]
            assert stream.headers["content-type"] == "application/problem+json"


async def test_a_token_opens_what_it_was_made_for(server, world):
    for scopes, path, status in (
        ([INBOX], MINE, 200),
        ([READ], MINE, 403),
        ([READ], ORG, 200),
        ([INBOX], ORG, 403),
    ):
        made = await sync_to_async(new_token)(world.bob, scopes)
        async with streamed(
            server, path, f"Authorization: Bearer {made.text}", "Origin: https://else.example"
        ) as stream:
            assert stream.status == status, (scopes, path)
            assert "access-control-allow-origin" not in stream.headers


async def test_head_and_options_answer(server, world):
    cookie = await signed(world.bob)
    async with streamed(server, MINE, cookie, method="HEAD") as stream:
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    async with streamed(server, ORG, await signed(world.eve), method="HEAD") as stream:
        assert stream.status == 404
    origin = f"Origin: {server.base_url}"
    async with streamed(server, MINE, origin, method="OPTIONS") as stream:
        assert (stream.status, stream.headers["access-control-allow-origin"]) == (204, server.base_url)


async def test_it_says_why_it_ends(server, world):
    cookie = await signed(world.bob)
    async with streamed(server, MINE, cookie) as mine, streamed(server, ORG, cookie) as org:
        await mine.event(), await org.event()
        await sync_to_async(remove)(world)
        assert await ended(org) == 4403
        while (event := await mine.event()).name != "membership":
            pass
        assert event.data["change"] == "left"


def remove(world) -> None:
    owner = Membership.objects.get(organization=world.org, user=world.alice)
    remove_member(by=owner, user_id=world.bob.pk)


async def ended(stream) -> int:
    """The code that it ends with; after that there is nothing."""
    while (event := await stream.event()).name != "close":
        pass
    assert await stream.event() is None
    return event.data["code"]


async def test_streams_and_sockets_of_one_user_are_counted_together(server, world):
    cookie = await acookie(world.bob)
    async with AsyncExitStack() as stack:
        for _ in range(hub.SOCKETS_PER_USER // 2):
            socket = await stack.enter_async_context(dial(server.ws_url, user_path(), cookie))
            await frame_from(socket)
            stream = await stack.enter_async_context(streamed(server, MINE, f"Cookie: {cookie}"))
            await stream.event()
        refused = await stack.enter_async_context(streamed(server, MINE, f"Cookie: {cookie}"))
        assert (refused.status, refused.headers["retry-after"]) == (429, "30")


async def test_what_a_client_sends_on_into_a_stream_costs_no_memory_and_holds_up_nothing(server, world):
    async with streamed(server, ORG, await signed(world.bob)) as stream:
        await stream.log_events(1)
        before = resident_bytes(server.pid)
        with pytest.raises(TimeoutError):  # the server takes no more of it
            async with asyncio.timeout(5):
                while True:
                    stream.writer.write(request("/healthz", server.port) * 10_000)
                    async with asyncio.timeout(0.5):
                        await stream.writer.drain()
        assert resident_bytes(server.pid) - before < 2**20
        await sync_to_async(world.write)(2)
        assert [event.data["position"] for event in await stream.log_events(2)] == [2, 3]


async def test_a_server_that_stops_hands_over(start_server, world):
    server = start_server()
    async with streamed(server, MINE, await signed(world.bob)) as stream:
        await stream.log_events(1)
        server.process.send_signal(signal.SIGTERM)
        assert await ended(stream) == 1012


@pytest.mark.once
@pytest.mark.parametrize(
    ("header", "fits"),
    [
        ("", True),
        ("*/*", True),
        ("text/*;q=0.1", True),
        ("application/json, text/event-stream", True),
        ("text/event-stream;q=0, */*", False),
        ("application/json", False),
        ("nonsense", False),
    ],
)
def test_accept_is_read_properly(header, fits):
    assert accepts(header) is fits
