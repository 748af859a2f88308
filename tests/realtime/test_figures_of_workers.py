"""Figures over all workers, as Prometheus reads them from a running server."""

import asyncio
import os
import re
import signal
from contextlib import AsyncExitStack
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from asgiref.sync import sync_to_async

from tests.base.test_exposition import free_port
from tests.realtime.processes import workers_of
from tests.realtime.sockets import dial, event_frames, org_path, session_cookie
from tests.realtime.test_layer_away import comment
from tests.waiting import wait_until

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("workers")]


def figures_at(port: int) -> dict[str, float]:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        lines = re.findall(r"^(\w+(?:{.*})?) (\S+)$", answer.read().decode(), re.MULTILINE)
    return {name: float(value) for name, value in lines}


def pids_in(figures: dict[str, float]) -> set[int]:
    return {int(pid) for name in figures for pid in re.findall(r'^carillon_sockets{pid="(\d+)"}', name)}


async def test_counts_outlive_a_worker_and_its_gauges_do_not(start_server, world):
    port = free_port()
    server = await sync_to_async(start_server)(workers=2, METRICS=f"127.0.0.1:{port}")
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(dial(server.ws_url, org_path("acme"), bob)) for _ in range(4)
        ]
        await sync_to_async(comment, thread_sensitive=False)(server, alice)
        await asyncio.gather(*(event_frames(socket, 2) for socket in sockets))
    before = workers_of(server.pid)
    for pid in before:
        os.kill(pid, signal.SIGTERM)
    await sync_to_async(wait_until)(
        lambda: len(new := pids_in(figures_at(port))) == 2 and not new & set(before), "others have come"
    )
    figures = figures_at(port)
    assert figures['carillon_requests_total{route="tasks:comment",status="302"}'] == 1
    assert figures["carillon_frames_total"] == 4
    assert (
        figures['carillon_delivery_seconds_bucket{le="+Inf"}'] == figures["carillon_delivery_seconds_count"]
    )
    assert figures["carillon_delivery_seconds_count"] in (1, 2)  # of each worker that has sockets
    assert sum(value for name, value in figures.items() if name.startswith("carillon_socket_closes")) == 4
    assert figures["carillon_log_lock_wait_seconds_count"] == 1
    with pytest.raises(HTTPError, match="404"):
        figures_at(server.port)
