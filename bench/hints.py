"""`python -m bench.hints` measures what a hint costs by Redis and by PostgreSQL's NOTIFY, and what NOTIFY would cost
writers inside their transactions. Prints medians of several runs.
"""

import asyncio
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench.ground import ground
from servers import Postgres

RUNS = 5
HINTS = 1000
FRAME = b'{"type":"event"}'.ljust(600, b" ")
WRITERS, SECONDS = 8, 3.0


class Durable(Postgres):
    """Flushes to disk, as one in use does."""

    unsafe_but_fast = ()


async def carried(layer: Any) -> tuple[float, float, float]:
    """Give milliseconds of one send, from there to the receiver, and of this process's CPU for one of both."""
    from base.messages import AppendedEvent, LogAppended

    told = LogAppended(1, 1, "d", [AppendedEvent(1, 1, 1, "d" * 64, FRAME, [(2, "assigned")])]).told()
    channel = await layer.new_channel()
    await layer.group_add("org-1", channel)
    sends, ways, began = [], [], time.process_time()
    listening = asyncio.ensure_future(_listen(layer, channel, ways))
    for _ in range(HINTS):
        at = time.perf_counter()
        await layer.group_send("org-1", told | {"at": at})
        sends.append(time.perf_counter() - at)
    async with asyncio.timeout(30):
        await listening
    cpu = time.process_time() - began
    return statistics.median(sends) * 1e3, statistics.median(ways) * 1e3, cpu / HINTS * 1e3


async def _listen(layer: Any, channel: str, ways: list[float]) -> None:
    while len(ways) < HINTS:
        message = await layer.receive(channel)
        ways.append(time.perf_counter() - message["at"])


def writes(url: str, statement: str) -> float:
    """Count the commits in a second of writers that share no row."""
    counts = [0] * WRITERS
    ends = time.monotonic() + SECONDS

    def write(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while time.monotonic() < ends:
                with connection.transaction():
                    connection.execute("UPDATE t SET n = n + 1 WHERE id = %s", [number])
                    connection.execute(statement)
                counts[number] += 1

    threads = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def alone(url: str, statement: str) -> float:
    """Give milliseconds of one statement of its own, by one connection."""
    took = []
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(500):
            at = time.perf_counter()
            connection.execute(statement)
            took.append(time.perf_counter() - at)
    return statistics.median(took) * 1e3


def inside_and_after() -> None:
    notify = "SELECT pg_notify('carillon', repeat('x', 900))"
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as name, Durable(Path(name)) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE t AS SELECT id, 0 AS n FROM generate_series(0, 99) id")
        for what, statement in (("no hint", "SELECT 1"), ("NOTIFY inside", notify)):
            rates = [writes(postgres.url, statement) for _ in range(RUNS)]
            print(f"{WRITERS} writers, {what}: {statistics.median(rates):,.0f} commits/s")
        after = statistics.median(alone(postgres.url, notify) for _ in range(RUNS))
        print(f"NOTIFY after the commit: {after:.2f} ms")


def layers() -> dict[str, Callable[[], Any]]:
    from channels.layers import channel_layers
    from channels_redis.pubsub import RedisPubSubChannelLayer

    from realtime.notify_layer import NotifyLayer

    config = channel_layers.configs["default"]["CONFIG"]
    return {"Redis": lambda: RedisPubSubChannelLayer(**config), "NOTIFY": NotifyLayer}


def main() -> None:
    inside_and_after()
    with ground():
        found: dict[str, list[tuple[float, float, float]]] = {}
        for _ in range(RUNS):
            for name, make in layers().items():
                found.setdefault(name, []).append(asyncio.run(carried(make())))
    for name, runs in found.items():
        send, way, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{name}: a send {send:.2f} ms, until it is heard {way:.2f} ms, CPU of both ends {cpu:.2f} ms")


if __name__ == "__main__":
    main()
