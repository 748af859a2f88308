"""PostgreSQL, Redis and two workers: the same as one process, and half of the work for each."""

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack
from http.client import HTTPConnection

import pytest
from asgiref.sync import sync_to_async

from servers import UvicornServer
from tests.conftest import polling_often
from tests.realtime.processes import connections_of, serves, workers_of
from tests.realtime.sockets import GONE, dial, event_frames, org_path, session_cookie, user_path
from tests.realtime.test_answers import SOON, TRIES, ten_answers
from tests.realtime.test_layer_away import comment
from tests.waiting import LIMIT, until, wait_until

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("workers")]
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


# --- Who gets a connection -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared_server(server_environment, tmp_path_factory):
    with UvicornServer(tmp_path_factory.mktemp("carillon"), polling_often(server_environment), 2) as server:
        yield server


@pytest.fixture
def crowd(db, shared_server):
    """People at two workers who keep their connections."""
    with Crowd(shared_server) as crowd:
        wait_until(lambda: len(workers_of(shared_server.pid)) == 2, "both workers are there")
        wait_until(crowd.is_shared, "both take connections")
        yield crowd


class Crowd:
    def __init__(self, server):
        self.server, self.connections = server, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go()

    def spread(self):
        return [connections_of(pid, self.server.port) for pid in workers_of(self.server.pid)]

    def comes(self, number, every=0.0):
        came = [HTTPConnection("127.0.0.1", self.server.port, timeout=LIMIT) for _ in range(number)]
        self.connections += came
        for connection in came:
            connection.connect()
            time.sleep(every)  # the rate is what is looked at
        return came

    def is_shared(self):
        """Whether each worker takes one of two: a process that is there may still be starting."""
        if self.spread() != [0, 0]:
            return False  # those before have not gone
        pair = self.comes(2)
        self.asks(pair)
        statuses(pair)
        is_shared = self.spread() == [1, 1]
        self.go()
        wait_until(lambda: self.spread() == [0, 0], "both have gone")
        return is_shared

    def asks(self, connections):
        for connection in connections:
            connection.request("GET", "/healthz")

    def go(self):
        for connection in self.connections:
            connection.close()
        self.connections = []


def statuses(connections):
    answers = [connection.getresponse() for connection in connections]
    return [(answer.status, answer.read())[0] for answer in answers]


def is_even(spread):
    return len(spread) == 2 and max(spread) - min(spread) <= sum(spread) / 10


def test_kept_alive_connections_are_dealt_out_by_halves(crowd):
    people = crowd.comes(8)
    crowd.asks(people)
    assert statuses(people) == [200] * 8
    assert crowd.spread() == [4, 4]


def test_answers_of_workers_leave_at_once(crowd):
    assert min(ten_answers(crowd.server.port) for _ in range(TRIES)) < SOON


def test_a_hundred_at_once_are_spread_evenly(crowd):
    crowd.comes(100, 0.0)
    wait_until(lambda: sum(crowd.spread()) == 100, "all have a worker")
    assert is_even(crowd.spread())


def test_what_waits_for_a_worker_that_is_killed_is_answered_and_the_next_are_spread_evenly(crowd):
    victim, other = workers_of(crowd.server.pid)
    os.kill(victim, signal.SIGSTOP)
    people = crowd.comes(10)
    crowd.asks(people)
    wait_until(lambda: connections_of(other, crowd.server.port) == 5, "half of them are served")
    os.kill(victim, signal.SIGKILL)
    assert statuses(people) == [200] * 10
    crowd.go()
    wait_until(lambda: crowd.server.log.count("Application startup complete") == 3, "there is another one")
    wait_until(crowd.is_shared, "all have gone, and both take connections")
    crowd.comes(10)
    wait_until(lambda: crowd.spread() == [5, 5], "each has its half")


def test_workers_stop_when_their_parent_is_killed(crowd):
    workers = workers_of(crowd.server.pid)
    os.kill(crowd.server.pid, signal.SIGKILL)
    crowd.server.wait()
    wait_until(lambda: not any(map(serves, workers)), "they have stopped")
    assert crowd.server.log.count("The parent process is gone") == 2
