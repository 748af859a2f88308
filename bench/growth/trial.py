"""A load with whose numbers no constant was measured: predicted, run for real, and both side by side."""

import random
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

import psycopg

from bench.client import Dial
from bench.crowd import Crowd
from bench.far import far
from bench.growth.constants import Constants
from bench.growth.measuring import analyze, disk
from bench.growth.model import Load, events_of_one, predict
from bench.growth.scene import ENVIRONMENT, Scene
from bench.growth.writer import rate
from bench.measures import sleep_until
from bench.processes import cpu_seconds, resident_bytes
from bench.tables import table
from bench.visits import Visitor
from bench.world import Place
from servers import UvicornServer

SECONDS, RATE, VISITORS = 20.0, 6.0, 4  # comments a second, by so many people at a time
WORKERS = 2
COMING, REPLAYED = 60, 30  # sockets that come and go meanwhile, and what each is shown
SHAPE = {25: 20, 150: 4}  # members -> organizations of that size
SOCKETS = {25: 10, 150: 60}  # members -> sockets of such an organization
TOLD = 1.2  # times a follower's POLL_SECONDS: until all is taken
DISTANCE, WRITERS, WRITES = 8.0, 3, 30  # ms to PostgreSQL and back; processes, and what each writes

Figures = dict[str, float]


class Follow(UvicornServer):
    """The followers, in a process of their own."""

    name = "follow"

    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "follow"]

    def is_ready(self) -> bool:
        return "Following" in self.log


class Found(NamedTuple):
    """`rate` is that of one organization with PostgreSQL `distance` seconds away."""

    seconds: float
    figures: Figures
    rate: float
    distance: float


@dataclass
class Trial:
    scene: Scene
    places: list[tuple[int, Place]]  # members and organization

    def load(self, seconds: float) -> Load:
        """What is done in that time, as the model wants it."""
        organizations = len(self.places)
        return Load(
            organizations=organizations,
            sockets=sum(SOCKETS[members] for members, _ in self.places),
            events=self.comments / seconds,
            recipients=sum(members for members, _ in self.places) / organizations,
            listeners=sum(SOCKETS[members] for members, _ in self.places) / organizations,
            connects=COMING / seconds,
            replayed=REPLAYED,
            workers=WORKERS,
        )

    @property
    def comments(self) -> int:
        return int(SECONDS * RATE) // len(self.places) * len(self.places)

    def run(self) -> Found:
        """Raises AssertionError where a frame is missing."""
        seconds, figures = self._spread()
        return Found(seconds, figures, *self._alone())

    def _spread(self) -> tuple[float, Figures]:
        """Seconds that it took, and what it took each second."""
        with ExitStack() as stack:
            server = stack.enter_context(self.scene.served(WORKERS))
            environment = self.scene.own.environment | ENVIRONMENT
            follow = stack.enter_context(Follow(self.scene.own.directory, environment))
            crowd, coming = stack.enter_context(Crowd()), stack.enter_context(Crowd())
            crowd.open(self.scene.dial(server.port, [p for m, p in self.places for _ in range(SOCKETS[m])]))
            self._write(server, len(self.places))  # everything is loaded, and every connection open
            later = self.scene.dial(server.port, [self.places[-1][1]] * COMING, REPLAYED)
            time.sleep(TOLD * 2)
            before, (texts, size), followed = disk(), crowd.received(), cpu_seconds(follow.pid)
            with self.scene.spent(server) as spent, self.scene.paces.corrected() as corrected:
                visit = threading.Thread(target=_come_and_go, args=(coming, later))
                visit.start()
                self._write(server, self.comments)
                visit.join()
                time.sleep(TOLD * 2)
            followed, memory = cpu_seconds(follow.pid) - followed, resident_bytes(server.pid)
            frames, size = crowd.received()[0] - texts, crowd.received()[1] - size + coming.received()[1]
            load = self.load(spent.clock)
            assert frames == round(self.comments * load.listeners), f"{frames} frames came"
            tables, wal = (b - a for a, b in zip(before, disk(), strict=True))
        found = {
            "workers": spent.workers,
            "postgres": spent.postgres,
            "redis": spent.redis,
            "followers": followed * corrected[0],
            "wire": size,
            "disk": tables,
            "wal": wal,
        }
        each = {name: value / spent.clock for name, value in found.items()}
        return spent.clock, each | {"memory": memory}

    def _write(self, server: UvicornServer, comments: int) -> None:
        """At the rate, to the organizations in turn."""
        turns = [self.places[number % len(self.places)][1] for number in range(comments)]
        random.Random(comments).shuffle(turns)
        begin = time.monotonic()

        def write(first: int) -> None:
            with closing(Visitor(server.port)) as visitor:
                for turn in range(first, comments, VISITORS):
                    sleep_until(begin + turn / RATE)
                    visitor.ask(self.scene.form(server.port, turns[turn], 0))

        threads = [threading.Thread(target=write, args=[first]) for first in range(VISITORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _alone(self) -> tuple[float, float]:
        """Comments a second that it wrote with PostgreSQL a way off, and how far that really was."""
        with far(self.scene.own.postgres.url, DISTANCE) as there:
            written = rate(self.places[0][1], there, WRITERS, WRITES)
            return written, _round_trip(there)


def _come_and_go(crowd: Crowd, dial: Dial) -> None:
    crowd.open(dial)
    crowd.close()


def _round_trip(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        times = []
        for _ in range(15):
            begin = time.perf_counter()
            connection.execute("SELECT 1")
            times.append(time.perf_counter() - begin)
    return median(times)


def trial_on(scene: Scene) -> Trial:
    places = [
        (members, scene.place(f"trial-{members}-{number}", members))
        for members, count in SHAPE.items()
        for number in range(count)
    ]
    scene.setting.scribe.write(places[-1][1], [0] * REPLAYED)
    analyze()
    return Trial(scene, places)


def compared(one: Constants, trial: Trial, found: list[Found]) -> str:
    """Medians of the runs beside what the model says."""
    lines = []
    for name in found[0].figures:
        predicted = median(getattr(predict(one, trial.load(run.seconds)), name) for run in found)
        lines.append(line(name, predicted, median(run.figures[name] for run in found)))
    alone = events_of_one(one, median(run.distance for run in found), trial.places[0][0])
    lines.append(line("one organization", alone, median(run.rate for run in found)))
    return table(("for each second", "predicted", "measured", "measured / predicted"), lines)


UNITS: Mapping[str, tuple[float, str]] = {
    "workers": (1e-3, "ms of processor time"),
    "postgres": (1e-3, "ms of processor time"),
    "redis": (1e-3, "ms of processor time"),
    "followers": (1e-3, "ms of processor time"),
    "memory": (2**20, "MiB, in all"),
    "one organization": (1, "events"),
}


def line(name: str, predicted: float, measured: float) -> tuple[Any, ...]:
    scale, unit = UNITS.get(name, (1024, "KiB"))
    figures = (f"{value / scale:.1f}" for value in (predicted, measured))
    return (f"{name}, {unit}", *figures, f"{measured / predicted:.2f}")
