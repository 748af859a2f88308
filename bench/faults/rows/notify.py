"""Rows of hints that PostgreSQL carries itself."""

import statistics
import time

import psycopg

from bench.faults.row import row
from bench.faults.rows.redis import expect_hints
from bench.faults.scene import POLL, Scene
from realtime.broadcast import PAUSE

LONG = 9_000  # characters of a comment whose hint does not fit
NO_COUNTERPART = "it knows no other layer than Redis"
CONNECTIONS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'carillon hints'"
)


@row(
    fault="every connection that carries hints is ended, again and again",
    expected="writes succeed; caught up within the poll interval + 2 s; hints come again",
    naive=NO_COUNTERPART,
    layers=("notify",),
)
def listeners_killed(scene: Scene) -> None:
    ended = 0
    with scene.writing_unhindered():
        began = time.monotonic()
        for _ in range(scene.times(8, 3)):
            scene.wait(scene.seconds / 10)
            with psycopg.connect(scene.environment["DATABASE_URL"], autocommit=True) as database:
                (found,) = database.execute(CONNECTIONS).fetchone() or (0,)
            ended += found
        scene.wait(PAUSE + POLL)
        again = time.monotonic()
        scene.wait(max(3, scene.seconds / 8))
    scene.expect_caught_up(began, POLL + 2)
    usual = expect_hints(scene, again, "again")
    scene.note(f"{ended} connections ended; then hints again, median delay {usual * 1000:.0f} ms")


@row(
    fault="hints that are longer than NOTIFY takes",
    expected="each names its log, which is read at once",
    naive=NO_COUNTERPART,
    layers=("notify",),
)
def long_hints(scene: Scene) -> None:
    with scene.writing_unhindered(rate=0):
        for _ in range(scene.times(50, 10)):
            scene.burst(count=1, size=LONG)
            scene.burst(count=20, size=100)
            scene.wait(scene.seconds / 60)
    delays = scene.seen.delays(0)
    missed = sum(server.log.count("Hints were missed") for server in scene.servers)
    scene.expect(not missed, f"no hint is missed ({missed} times one was)")
    scene.expect(max(delays) < POLL, f"none waits for the poll (one took {max(delays):.2f} s)")
    scene.note(f"median delay {statistics.median(delays) * 1000:.0f} ms, slowest {max(delays):.2f} s")
