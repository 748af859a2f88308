"""A replay of many bytes: it comes in pieces, whole and in order, and it ends where the right to it ends."""

import asyncio

import psutil
import pytest
from asgiref.sync import sync_to_async

from inbox import replay_pieces
from membership.services import remove_member
from orgs.models import Membership
from realtime import codes, connecting
from realtime.reads import Refused
from tests.realtime.sockets import dial, event_frames, frame_from, opened, org_path, session_cookie, user_path
from tests.realtime.test_protocol import burst
from tests.realtime.test_restarts import LONG
from tests.realtime.test_server import close_code
from tests.waiting import LIMIT

pytestmark = pytest.mark.second

MANY = 150  # of 80 KB each: 12 MB, more than the kernel holds between two that do not read

acookie = sync_to_async(session_cookie)


async def test_many_clients_get_all_of_it_and_the_server_keeps_little(server, world):
    """And what is written meanwhile, after it."""
    process, cookie = psutil.Process(server.pid), await acookie(world.bob)
    async with dial(server.ws_url, org_path("acme"), cookie) as connection:
        start = (await event_frames(connection, 1))[0]["cursor"]
    await sync_to_async(burst)(world, MANY, LONG)
    before = process.memory_info().rss

    async def replayed(path: str) -> list[int]:
        async with dial(server.ws_url, path, cookie) as connection:
            assert (await frame_from(connection))["replay"]["count"] in (MANY, MANY + 1)
            return [frame["position"] for frame in await event_frames(connection, MANY + 1)]

    reading = [
        asyncio.create_task(replayed(path)) for path in (org_path("acme", start), user_path(start)) * 4
    ]
    await sync_to_async(world.write)()
    async with asyncio.timeout(LIMIT):
        assert await asyncio.gather(*reading) == [[*range(2, MANY + 3)]] * 8
    assert process.memory_info().rss - before < 48 * 2**20, (
        "eight times 12 MB otherwise, as objects and as text"
    )


async def test_who_is_removed_in_the_middle_is_not_told_the_rest(server, world):
    """On the organization's socket that is the end; the user's resumes without it."""

    def remove() -> None:
        remove_member(by=Membership.objects.get(user=world.alice), user_id=world.bob.pk)

    cookie = await acookie(world.bob)
    async with dial(server.ws_url, org_path("acme"), cookie) as connection:
        start = (await event_frames(connection, 1))[0]["cursor"]
    await sync_to_async(burst)(world, MANY, LONG)
    # Their library reads no more while a frame waits in it.
    async with (
        dial(server.ws_url, org_path("acme", start), cookie, max_queue=1) as org,
        dial(server.ws_url, user_path(start), cookie, max_queue=1) as mine,
    ):
        await event_frames(org, 1), await event_frames(mine, 1)
        await sync_to_async(remove)()
        assert [await close_code(org), await close_code(mine)] == [codes.NOT_A_MEMBER, codes.TOO_OLD]


@pytest.mark.parametrize(
    ("found", "code"), [(None, codes.TOO_OLD), (Refused(codes.FAILED), codes.FAILED)], ids=["gone", "failed"]
)
async def test_what_cannot_be_read_on_ends_the_socket_so_that_it_resumes(world, monkeypatch, found, code):
    async def read_on(user_id: int, items: object) -> None:
        if found:
            raise found

    monkeypatch.setattr(replay_pieces, "PIECE", 1)
    monkeypatch.setattr(connecting, "read_on", read_on)
    await sync_to_async(world.write)(3)
    async with opened(org_path("acme", f"{world.org.pk}.0.00000000"), await acookie(world.bob)) as socket:
        assert (await socket.frame())["replay"]["count"] == 4
        assert await socket.closed() == code


async def test_nothing_is_read_on_for_somebody_who_went(world, monkeypatch):
    asked = []

    async def read_on(user_id: int, items: list) -> list[bytes]:
        asked.append(len(items))
        await gone.wait()
        return [b"{}"]

    gone = asyncio.Event()
    monkeypatch.setattr(replay_pieces, "PIECE", 1)
    monkeypatch.setattr(connecting, "read_on", read_on)
    monkeypatch.setattr("realtime.wire.SendWire.has_ended", property(lambda self: gone.is_set()))
    await sync_to_async(world.write)(5)
    async with opened(org_path("acme", f"{world.org.pk}.0.00000000"), await acookie(world.bob)) as socket:
        await socket.frame()
        gone.set()
    assert asked == [6]
