"""Rows in which Redis is killed, frozen or flushed."""

import statistics
import time

from redis import Redis as Client

from bench.faults.row import row
from bench.faults.scene import POLL, Scene
from bench.faults.stage import ON_CORE

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
)
def redis_killed(scene: Scene) -> None:
    kill_and_restart(scene)


@row(
    fault="Redis killed and restarted, core layer",
    expected="writes succeed; caught up within the poll interval + 2 s",
    naive="the same: it always runs on the core layer",
    system=ON_CORE,
)
def redis_killed_core(scene: Scene) -> None:
    kill_and_restart(scene)


@row(
    fault="Redis frozen 10 s",
    expected="no write waits",
    naive="every write waits until Redis is back, with the log locked",
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
    after = scene.seen.delays(healed)
    usual = statistics.median(after) if after else float("inf")
    scene.expect(usual <= BY_HINT, f"hints come again after {HEALED:g} s (median delay {usual:.2f} s)")
