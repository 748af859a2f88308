"""Measures the constants of the model, each by a difference of two loads that have it more and less. Processor time
alone counts, so that what else the machine does moves them little."""

import time
import uuid
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple
from unittest.mock import patch

from django.db import connection

from base.announcements import announced
from bench.crowd import Crowd
from bench.far import overheard, waits_within
from bench.frames import mark
from bench.growth.constants import slope
from bench.growth.scene import Scene, Served, Spent
from bench.measures import Meter, closed_loop
from bench.processes import resident_bytes
from bench.scribe import FILLING
from bench.spent import processor_time
from bench.world import Place, comment
from bench.writers import apart
from events.models import LogHead
from followers.lag import Behind, logs_behind
from followers.loop import Loop
from followers.register import FOLLOWERS
from servers import UvicornServer
from tasks.commenting import comment as send_comment
from tasks.models import Task
from tasks.services import execute

FEW, MANY = 10, 1000  # recipients
SOME, CROWD = 40, 400  # sockets of one log
POSTS, EVENTS = 60, 25
COMING = 200  # sockets
REPLAYS = 10, 80  # events that a socket is shown
LOGS = 30
IDLE, PINGED = 800, 20.0  # sockets, and seconds between two pings of each (uvicorn's)
SINGLE, AT_ONCE = 15, 100  # events that followers take
QUICK, POLLED = 0.25, 8.0  # seconds between polls while they are measured, and for which they are
SETTLED = 2.0  # seconds that a fresh server is left alone

Figures = dict[str, float]


def per(spent: float, count: int) -> float:
    return spent / count


class Measuring:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        # Several of each: one that is written to without a pause pays for its own dead rows.
        self.fews = [scene.place(f"few-{number}", FEW) for number in range(LOGS)]
        self.manys = [scene.place(f"many-{number}", MANY) for number in range(4)]
        self.few = self.fews[0]
        self.some, self.crowd = scene.place("some", SOME), scene.place("crowd", CROWD)
        self.logs = [scene.place(f"log-{number}", 200) for number in range(LOGS)]
        scene.setting.scribe.write(self.crowd, [0] * REPLAYS[1])
        analyze()

    def run(self) -> Figures:
        """All constants, once."""
        served = self.served()
        return self.sizes() | served | self.polls(served) | self.followers() | self.lock()

    def sizes(self) -> Figures:
        """Rows on disk and in the WAL, of comments written without a server. It also warms everything."""
        few = self._grown(self.fews, 500)
        many = self._grown(self.manys, 30)
        found: Figures = {}
        for name, little, much in zip(("", "wal_"), few, many, strict=True):
            recipient = slope((FEW, little), (MANY, much))
            ends = ("wal_event", "wal_recipient") if name else ("event_bytes", "recipient_bytes")
            found |= dict(zip(ends, (max(0.0, little - FEW * recipient), recipient), strict=True))
        return found

    def _grown(self, places: list[Place], events: int) -> tuple[float, float]:
        """Bytes of tables with indexes, and of the WAL, for each event."""
        before = disk()
        for place in islice(cycle(places), events):
            task = Task.objects.get(pk=place.task_id)
            send_comment(task, f"{mark(0)} {FILLING}", actor=place.actor, attempt=uuid.uuid4())
        after = disk()
        return tuple(per(b - a, events) for a, b in zip(before, after, strict=True))  # type: ignore[return-value]

    def served(self) -> Figures:
        """What a worker does on demand: posts, frames, sockets that come."""
        with self.scene.served(POLL_SECONDS="60") as server:
            return (
                self._time_alone(server) | self._posts(server) | self._frames(server) | self._connects(server)
            )

    def _posts(self, server: UvicornServer) -> Figures:
        few, many = (self._posting(server, places) for places in (self.fews, self.manys))
        recipient = slope((FEW, few.workers), (MANY, many.workers))
        pg_recipient = slope((FEW, few.postgres), (MANY, many.postgres))
        return {
            "post": few.workers - FEW * recipient,
            "pg_post": few.postgres - FEW * pg_recipient,
            "recipient": recipient,
            "pg_recipient": pg_recipient,
        }

    def _posting(self, server: UvicornServer, places: list[Place]) -> Spent:
        """For each."""
        self.scene.post(server.port, places, 5)
        with self.scene.spent(server) as spent:
            self.scene.post(server.port, places, POSTS)
        return Spent(per(spent.workers, POSTS), per(spent.postgres, POSTS))

    def _frames(self, server: UvicornServer) -> Figures:
        """By events that are written elsewhere, so that the worker only delivers."""
        system, meter = Served(self.scene.setting, server), Meter(server.pid, self.scene.own.redis.pid)
        rows = []
        for size in (SOME, CROWD):
            with Crowd() as crowd:
                crowd.open(system.dial(size, size, size))
                closed_loop(system, crowd, meter, 3)
                with self.scene.paces.corrected() as corrected:
                    row = closed_loop(system, crowd, meter, EVENTS)
                rows.append(row | {name: row[name] * corrected[0] for name in ("server_us", "redis_us")})
                crowd.close()
        some, many = (row["server_us"] * size / 1e6 for row, size in zip(rows, (SOME, CROWD), strict=True))
        frame = slope((SOME, some), (CROWD, many))
        return {
            "frame": frame,
            "hint": max(0.0, some - SOME * frame),
            "redis_hint": rows[0]["redis_us"] * SOME / 1e6,
            "frame_bytes": rows[1]["frame_bytes"] + 4,  # and its head
        }

    def _connects(self, server: UvicornServer) -> Figures:
        few, many = (self._connecting(server, replayed) for replayed in REPLAYS)
        ours, theirs = (
            slope((REPLAYS[0], getattr(few, who)), (REPLAYS[1], getattr(many, who)))
            for who in ("workers", "postgres")
        )
        return {
            "connect": few.workers - REPLAYS[0] * ours,
            "pg_connect": few.postgres - REPLAYS[0] * theirs,
            "replayed": ours,
            "pg_replayed": theirs,
        }

    def _connecting(self, server: UvicornServer, replayed: int) -> Spent:
        """For each socket that comes and goes."""
        dial = self.scene.dial(server.port, [self.crowd] * COMING, replayed)
        with Crowd() as crowd, self.scene.spent(server) as spent:
            crowd.open(dial)
            crowd.close()
        return Spent(per(spent.workers, COMING), per(spent.postgres, COMING))

    def followers(self) -> Figures:
        """In this process: a log taken event by event, and many at once."""
        loop = Loop()
        for place in self.fews:
            self._taken(loop, place, 1)
        single = [self._taken(loop, place, 1) for place in self.fews[:SINGLE]]
        at_once = [self._taken(loop, place, AT_ONCE) for place in self.fews[:3]]
        one, many = (
            {name: median(getattr(each, name) for each in found) for name in Taken._fields}
            for found in (single, at_once)
        )
        looks = [self._taken_by(_look) for _ in range(SINGLE)]
        found = {"followed_bytes": many["tables"] / AT_ONCE}
        for name, prefix in PREFIXES.items():
            found[f"{prefix}followed"] = followed = slope((1, one[name]), (AT_ONCE, many[name]))
            found[f"{prefix}batch"] = max(0.0, one[name] - followed)
            found[f"{prefix}look"] = median(getattr(each, name) for each in looks)
        del found["wal_look"]
        return found

    def _taken(self, loop: Loop, place: Place, events: int) -> "Taken":
        self.scene.setting.scribe.write(place, [0] * events)
        head = LogHead.objects.get(pk=place.org_id).position

        def take() -> None:
            for follower in FOLLOWERS.values():
                loop._rests_until.clear()
                loop._visit(follower, Behind(place.org_id, 0, head))

        return self._taken_by(take)

    def _taken_by(self, act: Callable[[], None]) -> "Taken":
        before = disk()
        with self.scene.paces.corrected() as corrected:
            ours, theirs = time.process_time(), _backend()
            act()
            ours, theirs = time.process_time() - ours, _backend() - theirs
        tables, wal = (b - a for a, b in zip(before, disk(), strict=True))
        return Taken(ours * corrected[0], theirs * corrected[0], tables, wal)

    def lock(self) -> Figures:
        """How long a log is held: how often its writer waits for PostgreSQL, and what both sides work meanwhile."""
        with overheard(self.scene.own.postgres.url) as (there, asked):
            apart(there, 0, 1, FEW)
        held: list[float] = []
        begun: list[float] = []

        def ended(**_: object) -> None:
            held.append(processor_time() - begun[-1])

        announced.connect(ended, dispatch_uid="growth")
        try:
            with (
                self.scene.paces.corrected() as corrected,
                patch("events.log.log_locked", lambda: begun.append(processor_time())),
            ):
                for _ in range(15):
                    execute(comment(self.few, "A word."), actor=self.few.actor)
        finally:
            announced.disconnect(dispatch_uid="growth")
        return {"waits": waits_within(asked), "locked": median(held) * corrected[0]}

    def _time_alone(self, server: UvicornServer) -> Figures:
        """Of a worker where nothing happens: without sockets, and with sockets that are pinged once."""
        time.sleep(SETTLED)
        worker_bytes = resident_bytes(server.pid)
        nothing, crowd = self._idle(server, PINGED / 2), self._idling(server, [self.crowd] * IDLE, PINGED)
        return {
            "worker": nothing.workers,
            "pg_worker": nothing.postgres,
            "redis": nothing.redis,
            "socket": slope((0, nothing.workers), (IDLE, crowd.workers)),
            "worker_bytes": worker_bytes,
            "socket_bytes": self._memory / IDLE,
        }

    def polls(self, time_alone: Figures) -> Figures:
        """Of a worker that polls without a pause, for sockets of one log and of many."""
        with self.scene.served(POLL_SECONDS=str(QUICK)) as server:
            time.sleep(SETTLED)
            one, many = (self._idling(server, logs, POLLED) for logs in ([self.few] * LOGS, self.logs))
        log, pg_log = (
            slope((1, getattr(one, who)), (LOGS, getattr(many, who))) * QUICK
            for who in ("workers", "postgres")
        )
        alone = time_alone["worker"] + LOGS * time_alone["socket"]
        return {
            "poll": max(0.0, (one.workers - alone) * QUICK - log),
            "pg_poll": max(0.0, (one.postgres - time_alone["pg_worker"]) * QUICK - pg_log),
            "poll_log": log,
            "pg_poll_log": pg_log,
        }

    def _idling(self, server: UvicornServer, places: list[Place], seconds: float) -> Spent:
        with Crowd() as crowd:
            before = resident_bytes(server.pid)
            crowd.open(self.scene.dial(server.port, places))
            self._memory = resident_bytes(server.pid) - before
            spent = self._idle(server, seconds)
            crowd.close()
        return spent

    def _idle(self, server: UvicornServer, seconds: float) -> Spent:
        """For each second."""
        with self.scene.spent(server) as spent:
            time.sleep(seconds)
        return Spent(*(each / spent.clock for each in (spent.workers, spent.postgres, spent.redis)))


def _look() -> None:
    for name in FOLLOWERS:
        logs_behind(name)


class Taken(NamedTuple):
    """Seconds of processor time of this process and of the one of PostgreSQL that serves it; bytes."""

    ours: float
    theirs: float
    tables: float
    wal: float


def _medians(found: list[Taken]) -> Figures:
    return {name: median(getattr(each, name) for each in found) for name in Taken._fields}


PREFIXES = {"ours": "", "theirs": "pg_", "wal": "wal_"}  # of the constants


def _medians(found: list[Taken]) -> Figures:
    return {name: median(getattr(each, name) for each in found) for name in Taken._fields}


PREFIXES = {"ours": "", "theirs": "pg_", "wal": "wal_"}  # of the constants


def _taken_by(act: Callable[[], None]) -> Taken:
    before = disk()
    ours, theirs = time.process_time(), _backend()
    act()
    ours, theirs = time.process_time() - ours, _backend() - theirs
    return Taken(ours, theirs, *(b - a for a, b in zip(before, disk(), strict=True)))


def _backend() -> float:
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def analyze() -> None:
    """As autovacuum does within a minute: without it plans are others."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def disk() -> tuple[int, int]:
    """Bytes of all tables with their indexes, and of the WAL until now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            "'public'::regnamespace), pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
        )
        tables, wal = cursor.fetchone()
    return int(tables), int(wal)
