"""What a page costs: of `manage.py serve` with one worker and with two, and in this process; beside a view that does
nothing. And whether two workers share the work: pages over kept connections, and sockets.

The figure of a worker is its processor time. `busiest` is that of the one that did most, for each request: it says how
many requests the workers could serve with a core for each, whatever else runs on these cores.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from statistics import median
from typing import Any

from django.test import override_settings

from bench.crowd import Crowd
from bench.delivery import Record, Step
from bench.measures import Meter, closed_loop
from bench.plan import Plan
from bench.processes import connections_below, spent_below
from bench.systems.base import System
from bench.targets import BARE_VIEW, SPREAD
from bench.town import PAGES, PEOPLE, Town
from bench.visits import Ask, Visitors, fresh, request
from servers import UvicornServer

WORKERS = (1, 2)
SAMPLES = 5  # of the test client
ANSWERS = 100  # of `/healthz`, kept alive and over fresh connections
WINDOW = 8  # sockets that are opened at a time: they come over seconds, not all at once

Row = dict[str, Any]


def steps(
    town: Callable[[], Town], carillon: System, plan: Plan, redis_pid: int, record: Record
) -> Iterator[Step]:
    for _ in range(plan.repetitions):
        yield "in the test client", lambda: _in_this_process(town(), record)
        for workers in WORKERS:
            yield f"workers: {workers}", partial(_served, town, carillon, workers, plan, redis_pid, record)


def _in_this_process(town: Town, record: Record) -> None:
    client = town.client()
    with override_settings(ROOT_URLCONF="bench.bare.urls"):
        for page, path in PAGES.items():
            if page != BARE_VIEW:  # no middleware of ours is here
                record("pages, client", page, 1, cpu_ms=median(_spent(client, path)) * 1e3)


def _spent(client: Any, path: str) -> Iterator[float]:
    client.get(path)
    for _ in range(SAMPLES):
        begin = time.process_time()
        answer = client.get(path)
        yield time.process_time() - begin
        assert answer.status_code == 200, answer.status_code


def _served(
    town: Callable[[], Town], carillon: System, workers: int, plan: Plan, redis_pid: int, record: Record
) -> None:
    with town().served(workers) as server:
        with closing(Visitors(server.port, PEOPLE)) as visitors:
            for page, path in PAGES.items():
                measured = _page(server, visitors, town().reading(server.port, path), plan.page_seconds)
                record("pages", page, workers, **measured)
        record("pages", SPREAD, workers, **_sockets(server, carillon, plan, redis_pid))
        if workers == 1:
            _kept_or_fresh(server, record)


def _page(server: UvicornServer, visitors: Visitors, asks: list[Ask], seconds: float) -> Row:
    visitors.visit(asks)  # what is loaded at first use
    with spent_below(server.pid) as spent:
        visited = visitors.visit(asks, seconds=seconds)
    connections = connections_below(server.pid, server.port)
    return {"per_second": visited.per_second, **shares(spent, len(visited.times), connections)}


def _sockets(server: UvicornServer, carillon: System, plan: Plan, redis_pid: int) -> Row:
    size, carillon.server = plan.spread_sockets, server
    with Crowd() as crowd:
        crowd.open(carillon.dial(size, size, WINDOW))
        connections = connections_below(server.pid, server.port)
        with spent_below(server.pid) as spent:
            measured = closed_loop(carillon, crowd, Meter(server.pid, redis_pid), plan.closed[size])
    thousands = measured["delivered"] / 1000
    return {"per_second": measured["per_second"] / 1000, **shares(spent, thousands, connections)}


def shares(spent: dict[int, float], count: float, connections: list[int]) -> Row:
    """Milliseconds for each of `count`, of all processes and of the busiest; and the share of the connections that the
    worker with the most has."""
    return {
        "cpu_ms": sum(spent.values()) / count * 1e3,
        "busiest_ms": max(spent.values()) / count * 1e3,
        "most": connections[0] / sum(connections),
    }


def _kept_or_fresh(server: UvicornServer, record: Record) -> None:
    """One client alone."""
    path = PAGES["`/healthz`"]
    kept = request(server.port, path)
    with closing(Visitors(server.port, 1)) as visitor:
        visited = visitor.visit([lambda: kept], least=ANSWERS)
    record("health", "kept alive", 1, ms=visited.median * 1e3)
    times = fresh(server.port, request(server.port, path, keep=False), ANSWERS)
    record("health", "fresh connections", 1, ms=median(times) * 1e3)
