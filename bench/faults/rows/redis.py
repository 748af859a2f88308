"""Rows in which Redis is killed, frozen, flushed or replaced."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis as Client

from bench.faults.row import row
from bench.faults.scene import POLL, Scene
from bench.faults.stage import ON_CORE, Stage
from realtime.broadcast import PAUSE
from servers.redis import watched_redis

HEALED = 5.0  # seconds after which hints must come in again
BY_HINT = 0.5  # seconds: the usual delay of an event whose hint came; the poll's is a second on average
UNHINDERED = 0.4  # seconds more than usual: a write that waited for Redis would take half a second more


def kill_and_restart(scene: Scene) -> None:
    with scene.writing_unhindered():
        scene.wait(scene.seconds / 4)
        killed = time.monotonic()
        scene.stage.redis.kill()
        scene.wait(scene.seconds / 4)
        scene.stage.redis.start()
        scene.wait(scene.seconds / 2)
    scene.expect_caught_up(killed, POLL + 2)


@row(
    fault="Redis killed and restarted, pub/sub layer",
    expected="writes succeed; caught up within the poll interval + 2 s",
    naive="`group_send` raises, so writes fail; consumers die, and what is written meanwhile never comes",
    layers=("redis",),
)
def redis_killed(scene: Scene) -> None:
    kill_and_restart(scene)


@row(
    fault="Redis killed and restarted, core layer",
    expected="writes succeed; caught up within the poll interval + 2 s",
    naive="the same: it always runs on the core layer",
    system=ON_CORE,
    layers=("redis",),
)
def redis_killed_core(scene: Scene) -> None:
    kill_and_restart(scene)


@row(
    fault="Redis frozen 10 s",
    expected="no write waits",
    naive="every write waits until Redis is back, with the log locked",
    layers=("redis",),
)
def redis_frozen(scene: Scene) -> None:
    redis = scene.stage.redis
    with scene.writing_unhindered():
        scene.wait(scene.seconds / 4)
        frozen = time.monotonic()
        redis.freeze()
        scene.wait(min(10, scene.seconds / 2))
        redis.thaw()
        thawed = time.monotonic()
        scene.wait(scene.seconds / 4)
    took = [written.ended - written.began for written in scene.seen.written(0, frozen)]
    waits = [written.ended - written.began for written in scene.seen.written(frozen, thawed)]
    usual = statistics.median(took)
    longest = max(waits, default=thawed - frozen) - usual
    scene.expect(longest <= UNHINDERED, f"no write waits for Redis (one took {longest:.2f} s longer)")
    scene.expect_caught_up(frozen, POLL + 2)
    waited = sum(wait - usual > 0.3 for wait in waits)
    scene.note(f"longest wait {max(longest, 0):.2f} s, {waited} of {len(waits)} writes waited")


@row(
    fault="Redis flushed, core layer (pub/sub keeps nothing that could be flushed)",
    expected="heals within 5 s",
    naive="its groups are gone: sockets stay open and hear nothing more, for good",
    system=ON_CORE,
    layers=("redis",),
)
def redis_flushed(scene: Scene) -> None:
    with scene.writing():
        scene.wait(scene.seconds / 4)
        with Client.from_url(scene.stage.redis.url) as client:
            client.flushall()
        flushed = time.monotonic()
        scene.wait(HEALED)
        healed = time.monotonic()
        scene.wait(max(scene.seconds * 3 / 4 - HEALED, 3))
    scene.finish()
    scene.expect_caught_up(flushed, HEALED)
    expect_hints(scene, healed, f"again after {HEALED:g} s")


def expect_hints(scene: Scene, since: float, how: str) -> float:
    """Expect that what was written since then comes by hints, as it usually does. Returns the usual delay, seconds."""
    usual = statistics.median(scene.seen.delays(since) or [float("inf")])
    scene.expect(usual <= BY_HINT, f"hints come {how} (median delay {usual:.2f} s)")
    return usual


@contextmanager
def with_sentinels(stage: Stage) -> Iterator[Stage]:
    with TemporaryDirectory(prefix="carillon-sentinels-") as name, watched_redis(Path(name)) as watched:
        while not watched.know_one_another():
            time.sleep(0.1)
        yield replace(
            stage, environment=dict(stage.environment) | {"REDIS_URL": watched.url}, watched=watched
        )


@row(
    fault="the Redis master killed, and replaced by Sentinels of which one is killed and one frozen",
    expected="writes succeed; caught up within the poll interval + 2 s; hints come from the new master",
    naive="`group_send` raises, so writes fail; its consumers die with the master",
    set_up=with_sentinels,
    layers=("redis",),
)
def sentinel_failover(scene: Scene) -> None:
    watched = scene.stage.watched
    assert watched
    with scene.writing_unhindered():
        scene.wait(scene.seconds / 8)
        killed = time.monotonic()
        watched.servers[0].kill()
        took = scene.wait_until(lambda: watched.servers[1].role() == "master", "there is a new master", 15)
        watched.sentinels[0].kill()
        watched.sentinels[1].freeze()
        scene.wait(max(PAUSE + POLL, scene.seconds / 4))
        again = time.monotonic()
        scene.wait(max(3, scene.seconds / 4))
        watched.sentinels[1].thaw()
    scene.expect_caught_up(killed, POLL + 2)
    usual = expect_hints(scene, again, "by the new master")
    scene.note(f"a new master after {took:.1f} s; then hints again, median delay {usual * 1000:.0f} ms")
