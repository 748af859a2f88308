"""Stopping and restarting: everybody is told, nobody holds it up, and nothing is lost on the way."""

import asyncio
import os
import random
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.request import Request, urlopen

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from servers import Redis
from tests.realtime.sockets import (
    GONE,
    dial,
    event_frames,
    frame_from,
    org_path,
    raw_handshake,
    session_cookie,
    user_path,
)
from tests.realtime.test_server import close_code, submit
from tests.waiting import LIMIT, until

LONG = "\N{COLLISION SYMBOL}" * 20_000  # 80 kB: fifty of them are more than the kernel holds for a client

acookie = sync_to_async(session_cookie)


@pytest.fixture
def redis(tmp_path) -> Iterator[Redis]:
    with Redis(tmp_path) as redis:
        yield redis


# --- Stopping ------------------------------------------------------------------------------------------------


def deaf_client(port: int, cookie: str, after: str | None = None) -> socket.socket:
    """Opens a socket, and reads nothing more than that it is open."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(raw_handshake(port, cookie, after))
    assert client.recv(12) == b"HTTP/1.1 101"
    return client


@pytest.mark.second
@pytest.mark.parametrize("workers", [1, 2])
async def test_a_client_that_never_reads_does_not_hold_up_the_stop(start_server, world, redis, workers):
    server = await sync_to_async(start_server)(workers, REDIS_URL=redis.url)
    cookie = await acookie(world.bob)
    with closing(await asyncio.to_thread(deaf_client, server.port, cookie)):
        async with dial(
            server.ws_url, org_path("acme"), cookie, max_queue=None
        ) as reads:  # reads all the time
            await event_frames(reads, 1)
            await sync_to_async(world.write)(50, LONG)
            await event_frames(reads, 50)
            server.terminate()
            assert await close_code(reads) == 1012
        await until(lambda: not server.is_running, "it is gone", limit=GONE)
    assert "Traceback" not in server.log


@pytest.mark.second
async def test_no_new_sockets_once_it_stops(start_server, world, redis):
    server = await sync_to_async(start_server)(REDIS_URL=redis.url)
    cookie = await acookie(world.bob)
    with closing(await asyncio.to_thread(deaf_client, server.port, cookie)):
        async with dial(
            server.ws_url, org_path("acme"), cookie, max_queue=None
        ) as reads:  # reads all the time
            await event_frames(reads, 1)
            await sync_to_async(world.write)(50, LONG)
            await event_frames(reads, 50)
            server.terminate()
            assert await close_code(reads) == 1012
        assert server.is_running, "the deaf client holds it"
        with pytest.raises(OSError):
            await dial(server.ws_url, org_path("acme"), cookie)


# --- One worker after the other ------------------------------------------------------------------------------


class Follower:
    """A client by the rules of docs/protocol.md: it keeps its cursor and comes back with it."""

    def __init__(self, base: str, path, cookie: str) -> None:
        self.base, self.path, self.cookie = base, path, cookie
        self.cursor: str | None = None
        self.seen: list[int] = []
        self.codes: list[int | None] = []
        self.refused = 0

    async def follow(self) -> None:
        while True:
            try:
                async with dial(self.base, self.path(self.cursor), self.cookie) as connection:
                    await self.read(connection)
            except ConnectionClosed as closed:
                self.codes.append(closed.rcvd.code if closed.rcvd else None)
            except InvalidHandshake:
                self.refused += 1
            await asyncio.sleep(random.uniform(0, 0.5))

    async def read(self, connection) -> None:
        welcome = await frame_from(connection)
        assert welcome["replay"]["mode"] == ("resume" if self.cursor else "latest")
        while True:
            frame = await self.next(connection)
            if frame["type"] == "task_event":
                self.seen.append(frame["position"])
                self.cursor = frame["cursor"]

    async def next(self, connection):
        with suppress(TimeoutError):
            return await frame_from(connection)
        return {"type": "nothing"}


class Visitors:
    """People who load pages and send forms all the while. Each browser knows one try only."""

    def __init__(self, server, cookie: str) -> None:
        self.server, self.cookie = server, cookie
        self.loaded = self.sent = self.knocked = 0

    async def load(self) -> None:
        while True:
            await asyncio.to_thread(self.get, "/orgs/acme/tasks/")
            self.loaded += 1

    async def write(self) -> None:
        while True:
            await asyncio.to_thread(
                submit, self.server, "/orgs/acme/tasks/1/comment/", self.cookie, text="ding"
            )
            self.sent += 1
            await asyncio.sleep(0.02)

    async def knock(self) -> None:
        """On a connection of its own each time, as many as the server can answer."""
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            with closing(writer):
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                async with asyncio.timeout(LIMIT):
                    assert (await reader.read()).startswith(b"HTTP/1.1 ")
            self.knocked += 1

    def get(self, path: str) -> None:
        with urlopen(
            Request(self.server.base_url + path, headers={"Cookie": self.cookie}), timeout=LIMIT
        ) as answer:
            assert answer.status == 200


def workers_of(server) -> list[int]:
    lines = [line for line in server.log.splitlines() if "Started server process" in line]
    return [int(line.rsplit("[", 1)[1].rstrip("]")) for line in lines]


@pytest.mark.services
async def test_workers_restarted_one_after_the_other_lose_nothing_and_show_no_error(start_server, world):
    """`kill -HUP`: the operator's rolling restart."""
    server = await sync_to_async(start_server)(workers=2)
    alice, bob = await acookie(world.alice), await acookie(world.bob)
    followers = [Follower(server.ws_url, lambda after: org_path("acme", after), bob) for _ in range(8)]
    followers += [Follower(server.ws_url, user_path, bob) for _ in range(4)]
    visitors = Visitors(server, alice)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(follower.follow()) for follower in followers]
        busy = [group.create_task(visitors.load()), group.create_task(visitors.write())]
        await until(lambda: all(len(follower.seen) > 5 for follower in followers), "all follow")
        knocking = [group.create_task(visitors.knock()) for _ in range(4)]
        old = await until(lambda: len(workers_of(server)) == 2 and workers_of(server), "both workers run")
        os.kill(server.pid, signal.SIGHUP)
        await until(lambda: server.log.count("Finished server process") == 2, "both are replaced")
        new = workers_of(server)[2:]
        for task in knocking:
            task.cancel()
        so_far = visitors.sent, visitors.loaded
        await until(lambda: visitors.sent > so_far[0] + 5 and visitors.loaded > so_far[1] + 5, "work goes on")
        busy[1].cancel()
        await asyncio.wait(busy[1:])
        last = await sync_to_async(world.write)(1)
        await until(lambda: all(f.seen[-1] == last[0].position for f in followers), "all hear the last")
        for task in [*tasks, *busy]:
            task.cancel()
    assert visitors.knocked > 100
    assert not set(old) & set(new)
    assert len(new) == 2
    for follower in followers:
        assert follower.seen == list(range(follower.seen[0], last[0].position + 1))
        assert set(follower.codes) <= {1012}
        assert follower.refused == 0
    assert sum(len(follower.codes) for follower in followers) >= len(followers), "each was on some worker"
    assert "Traceback" not in server.log
