"""The fast wire under a real uvicorn, heard by a real client library; and plain uvicorn, which has none."""

import asyncio
import json
import socket
import sys
from contextlib import AsyncExitStack, ExitStack, closing

import psutil
import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed

from membership.services import remove_member
from orgs.models import Membership
from realtime.ring import MEMORY
from servers import UvicornServer
from tasks.commands import CreateTask
from tasks.services import execute_together
from tests.conftest import TRACEBACK, polling_often
from tests.realtime.sockets import dial, event_frames, frame_from, org_path, session_cookie, user_path
from tests.realtime.test_restarts import LONG, deaf_client
from tests.realtime.test_server import close_code
from tests.waiting import LIMIT, until

acookie = sync_to_async(session_cookie)

BURST = 500


class PlainUvicorn(UvicornServer):
    """`uvicorn config.asgi:application`, with uvicorn's own protocol and defaults."""

    def command(self):
        return [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(self.port)]


@pytest.fixture(scope="session")
def running_plain(server_environment, tmp_path_factory):
    with PlainUvicorn(tmp_path_factory.mktemp("plain"), polling_often(server_environment)) as server:
        yield server


@pytest.fixture
def plain(transactional_db, running_plain):
    start = len(running_plain.log)
    yield running_plain
    assert TRACEBACK not in running_plain.log[start:]


@pytest.fixture(params=["server", "plain"])
def either(request):
    return request.getfixturevalue(request.param)


def burst(world, count: int = BURST, description: str = "") -> None:
    """Many events in one transaction."""
    commands = [
        CreateTask(organization_id=world.org.pk, title=f"Bell {number}", description=description)
        for number in range(count)
    ]
    execute_together(commands, actor=world.alice)


async def test_a_burst_reaches_every_socket_whole_and_in_order(either, world):
    cookies = [await acookie(user) for user in (world.alice, world.bob) for _ in range(2)]
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(dial(either.ws_url, path, cookie))
            for cookie in (cookies[0], cookies[2])
            for path in [org_path("acme")] * 4 + [user_path()] * 2
        ]
        told = [socket for socket in sockets if (await frame_from(socket))["replay"]["count"]]
        for connection in told:
            await event_frames(connection, 1)
        await sync_to_async(burst)(world)
        # Alice wrote them: her own user's socket is not told of any.
        heard = [connection for connection in sockets if connection in told]
        for frames in await asyncio.gather(*(event_frames(connection, BURST) for connection in heard)):
            assert [frame["position"] for frame in frames] == list(range(2, BURST + 2))
    assert len(heard) == 10


@pytest.mark.second
@pytest.mark.parametrize("text", ["ding", "d" * 1000, LONG])
async def test_frames_of_every_length_are_what_a_client_library_expects(either, world, text):
    async with dial(either.ws_url, org_path("acme"), await acookie(world.bob)) as connection:
        await event_frames(connection, 1)
        await connection.send('{"type": "ping"}')
        assert await connection.recv() == '{"type":"pong"}'
        await sync_to_async(world.write)(2, text)
        assert [frame["details"]["text"] for frame in await event_frames(connection, 2)] == [text, text]


@pytest.mark.second
async def test_fragments_pings_and_the_close_are_uvicorns_and_go_on_between_our_frames(server, world):
    async with dial(server.ws_url, org_path("acme"), await acookie(world.bob)) as connection:
        await event_frames(connection, 1)
        await sync_to_async(burst)(world, 50)
        await connection.send(['{"type":', ' "ping"', "}"])
        answered = await connection.ping()
        frames = []
        while len(frames) < 51:
            frames.append(await frame_from(connection))
        async with asyncio.timeout(LIMIT):
            await answered
        assert sorted(frame["type"] for frame in frames) == ["pong"] + ["task_event"] * 50
        await connection.close(1000)
        assert connection.protocol.close_rcvd.code == 1000


def close_in_a_burst(client: socket.socket) -> bytes:
    """Close as soon as the first live event comes. All that the server sent after the handshake, to its hanging up."""
    data = b""
    while b'"replayed":false' not in data:
        data += client.recv(1 << 16)
    client.sendall(b"\x88\x82\0\0\0\0" + (1000).to_bytes(2, "big"))
    while piece := client.recv(1 << 16):
        data += piece
    return data.partition(b"\r\n\r\n")[2]


def frames_in(data: bytes) -> list[tuple[int, bytes]]:
    """(first byte, payload) of each frame."""
    frames = []
    while data:
        first, length, start = data[0], data[1], 2
        assert length < 128, "servers do not mask"
        if length >= 126:
            start = {126: 4, 127: 10}[length]
            length = int.from_bytes(data[2:start], "big")
        frames.append((first, data[start : start + length]))
        data = data[start + length :]
    return frames


@pytest.mark.second
async def test_nothing_follows_the_close_frame(server, world):
    client = await asyncio.to_thread(deaf_client, server.port, await acookie(world.bob))
    with closing(client):
        client.settimeout(LIMIT)
        closed = asyncio.create_task(asyncio.to_thread(close_in_a_burst, client))
        for _ in range(3):
            await sync_to_async(burst)(world, 50)
        frames = frames_in(await closed)
    assert [first for first, _ in frames] == [0x81] * (len(frames) - 1) + [0x88]
    assert all(json.loads(payload) for first, payload in frames[:-1])


async def test_a_removed_member_is_closed_with_its_code(either, world):
    def remove():
        remove_member(by=Membership.objects.get(user=world.alice), user_id=world.bob.pk)

    async with dial(either.ws_url, org_path("acme"), await acookie(world.bob)) as connection:
        await event_frames(connection, 1)
        await sync_to_async(remove)()
        assert await close_code(connection) == 4403


@pytest.mark.second
async def test_clients_that_read_nothing_cost_little_hold_up_nobody_and_are_ended(server, world):
    process, cookie = psutil.Process(server.pid), await acookie(world.bob)
    with ExitStack() as stack:
        # Its library reads on while the test writes: it is never one of those that read nothing.
        async with dial(server.ws_url, org_path("acme"), cookie, max_queue=None) as reads:
            start = (await event_frames(reads, 1))[0]["cursor"]
            for _ in range(8):
                deaf = await asyncio.to_thread(deaf_client, server.port, cookie)
                stack.enter_context(closing(deaf))
            before = process.memory_info().rss
            await sync_to_async(world.write)(150, LONG)  # 12 MB for each: more than kernel and ring hold
            for _ in range(7):  # the same is owed to these at once
                deaf = await asyncio.to_thread(deaf_client, server.port, cookie, start)
                stack.enter_context(closing(deaf))
            frames = await event_frames(reads, 150)
            assert [frame["position"] for frame in frames] == list(range(2, 152))
            assert process.memory_info().rss - before < 9 * MEMORY, "without a bound it is 180 MB"
            await until(lambda: sockets_of(process) <= 1, "they are ended")
            await sync_to_async(world.write)()
            assert [frame["position"] for frame in await event_frames(reads, 1)] == [152]


def sockets_of(process: psutil.Process) -> int:
    """Open connections to the server's own port."""
    connections = process.net_connections("tcp")
    ports = {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}
    return sum(
        connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port in ports
        for connection in connections
    )


@pytest.mark.second
async def test_a_client_that_reads_too_slowly_is_told_4508_and_resumes(server, world):
    cookie = await acookie(world.bob)
    # Reads no more while a frame waits in it.
    async with dial(server.ws_url, org_path("acme"), cookie, max_queue=1) as slow:
        cursor = (await event_frames(slow, 1))[0]["cursor"]
        await sync_to_async(burst)(world, 300, LONG)  # 24 MB: the ring holds a third of it
        positions = []
        with pytest.raises(ConnectionClosed):
            while True:
                frame = await frame_from(slow)
                positions.append(frame["position"])
                cursor = frame["cursor"]
                await asyncio.sleep(0.1)  # how slow it is
        assert slow.close_code == 4508
    assert positions == list(range(2, len(positions) + 2))
    async with dial(server.ws_url, org_path("acme", cursor), cookie) as connection:
        assert (await frame_from(connection))["replay"]["missed"] == 300 - len(positions)
