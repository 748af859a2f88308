"""What is measured of one system with its crowd connected: closed loop, open loop, burst. Each returns one row."""

import itertools
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.crowd import Crowd
from bench.frames import mark
from bench.heard import Heard
from bench.plan import Load
from bench.processes import cpu_seconds
from bench.scribe import Event
from bench.systems.base import System

LEAD = 1.3  # an event is written so many times its usual writing time before it is due

Row = dict[str, Any]
_numbers = itertools.count(1)


def quiet(crowd: Crowd) -> float:
    """Seconds of silence after which what is missing counts as lost. At 5,000 sockets the naive consumer needs
    several before its first frame leaves."""
    return 5 + crowd.size / 500


def numbers(count: int) -> list[int]:
    """Never the same twice in one run: a straggler is not taken for another event."""
    return list(itertools.islice(_numbers, count))


class Meter:
    """CPU seconds of the server and of Redis while it is open."""

    def __init__(self, server_pid: int, redis_pid: int) -> None:
        self.pids = {"server": server_pid, "redis": redis_pid}
        self.spent: dict[str, float] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        before = self._read()
        yield
        self.spent = {name: value - before[name] for name, value in self._read().items()}

    def _read(self) -> dict[str, float]:
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}


def closed_loop(system: System, crowd: Crowd, meter: Meter, events: int) -> Row:
    """The next event when every socket has had the last one. Time counts only while one is on its way."""
    sent: dict[int, float] = {}
    busy = 0.0
    crowd.start(events)
    with meter.running():
        for number in numbers(events):
            (event,) = system.prepare(crowd.size, [number])
            crowd.expect(mark(number), quiet(crowd))
            sent[number] = time.monotonic()
            system.publish(event)
            _, last = crowd.waited()
            busy += last - sent[number]
    heard, client = crowd.finish(sent)
    return row(heard, meter, client, busy)


def open_loop(system: System, crowd: Crowd, meter: Meter, load: Load, seconds: float) -> Row:
    """An event at fixed moments, whoever has had the one before."""
    events = numbers(max(int(load.rate * seconds), 3))
    sent: dict[int, float] = {}
    crowd.start(len(events))
    with meter.running():
        crowd.expect(mark(events[-1]), quiet(crowd))
        writing, start = 0.0, time.monotonic() + 0.1
        for turn, number in enumerate(events):
            due = start + turn / load.rate
            sleep_until(due - LEAD * writing)
            begin = time.monotonic()
            (event,) = system.prepare(crowd.size, [number])
            writing = time.monotonic() - begin
            sleep_until(due)
            sent[number] = time.monotonic()
            system.publish(event)
        _, last = crowd.waited()
    heard, client = crowd.finish(sent)
    return row(heard, meter, client, max(last - start, 0))


def burst(system: System, crowd: Crowd, meter: Meter, count: int) -> Row:
    """Many events at once: committed together, published one after the other without a pause."""
    events: list[Event] = system.prepare(crowd.size, numbers(count))
    crowd.start(count)
    with meter.running():
        crowd.expect(mark(events[-1].number), quiet(crowd))
        start = time.monotonic()
        for event in events:
            system.publish(event)
        crowd.waited()
    heard, client = crowd.finish({event.number: start for event in events})
    return row(heard, meter, client, max(heard.last - start, 0))


def row(heard: Heard, meter: Meter, client: float, seconds: float) -> Row:
    """CPU in microseconds for each delivered frame, latencies in milliseconds."""
    return {
        "server_us": per_frame(meter.spent["server"], heard),
        "redis_us": per_frame(meter.spent["redis"], heard),
        "client_us": per_frame(client, heard),
        "client_share": client / seconds if seconds else 0.0,
        "per_second": heard.frames / seconds if seconds else 0.0,
        "seconds": seconds,
        "p50_ms": heard.p50 * 1e3,
        "p99_ms": heard.p99 * 1e3,
        "frame_bytes": heard.frame_bytes,
        "delivered": heard.frames,
        "lost": heard.lost,
        "doubled": heard.doubled,
        "disordered": heard.disordered,
    }


def per_frame(seconds: float, heard: Heard) -> float:
    """Microseconds; without limit when nothing was delivered."""
    return seconds / heard.frames * 1e6 if heard.frames else math.inf


def sleep_until(moment: float) -> None:
    time.sleep(max(moment - time.monotonic(), 0))
