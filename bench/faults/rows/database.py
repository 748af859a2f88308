"""Rows of the log: transactions, schedules, PostgreSQL away."""

import os
import subprocess
import sys
import time

from django.db import OperationalError, close_old_connections, connection

from bench.faults.children import ROOT
from bench.faults.pages import Visitor, get
from bench.faults.row import row
from bench.faults.scene import Scene

RECOVERED = 10.0  # seconds after PostgreSQL is back
HELD = 5.0


@row(
    fault="a transaction left open 5 s while others commit",
    expected="nothing skipped",
    naive="not hurt: it reads no log, so it has no row to skip; it shows the event 5 s before it is committed",
    hurts_naive=False,
)
def open_transaction(scene: Scene) -> None:
    with scene.writing_unhindered():
        for target in range(scene.times(4, 1)):
            scene.wait(scene.seconds / 10)
            scene.writer.ask({"do": "hold", "seconds": HELD, "target": target % 2})
    held = max(scene.writes(), key=lambda written: written.ended - written.began)
    meanwhile = [each for each in scene.writes() if held.began < each.ended < held.ended]
    scene.expect(len(meanwhile) > HELD, "the other organization is written to meanwhile")
    scene.note(f"{len(meanwhile)} others committed meanwhile")


@row(
    fault="rollback, savepoint rollback",
    expected="silence",
    naive="it broadcasts before the commit: what is rolled back has been shown",
)
def rollback(scene: Scene) -> None:
    with scene.writing_unhindered():
        for turn in range(scene.times(20, 5)):
            scene.wait(scene.seconds / 25)
            scene.writer.ask({"do": "roll back", "target": turn % 2})
            scene.writer.ask({"do": "roll back to savepoint", "target": turn % 2})
    rolled_back = sum(bool(written.error) for written in scene.writes())
    scene.note(f"{2 * rolled_back} writes rolled back")


@row(
    fault="a write at every point between subscribe, read head, replay, go live: sockets come and go under load",
    expected="exact sequence, 1,000 schedules in one process and 1,000 times on the servers (short form: 40 and 150)",
    naive="nobody tells a socket what was written while it was away, beyond the newest 10, which come again",
)
def every_point(scene: Scene) -> None:
    dropped = 0
    with scene.writing_unhindered():
        while dropped < scene.times(1000, 150):
            dropped += scene.crowd.ask({"do": "drop", "count": 10})
            scene.wait(0.4)
    scene.note(f"{scene.seen.resumed()} times a socket resumed")
    if not scene.is_naive:
        schedules = scene.times(1000, 40)
        failed = try_schedules(scene, schedules)
        scene.expect(not failed, f"{schedules} schedules come out exact: {failed}")


def try_schedules(scene: Scene, count: int) -> str:
    """The test that appends an event at each point of connecting, with a layer that loses, repeats and swaps: its last
    line if it fails. It stands on databases of its own."""
    test = ["tests/realtime/test_exactly_once.py", "-k", "test_writes_at_every_point", "-q", "-n", "2"]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
    }
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *test],
        cwd=ROOT,
        env=environment | {"SCHEDULES": str(count)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as tests:
        try:
            while tests.poll() is None:
                scene.wait(0.5)
        finally:
            tests.kill()
        said = tests.stdout.read() if tests.stdout else ""
    return said.strip().splitlines()[-1] if tests.returncode else ""


@row(
    fault="PostgreSQL killed and restarted",
    expected="503 meanwhile; recovers by itself",
    naive="not hurt: without a database nothing is written, so nothing can be missed. What was under way when it died "
    "has been shown without being committed, if the moment is so",
    hurts_naive=False,
)
def postgres_killed(scene: Scene) -> None:
    assert scene.stage.postgres, "a row for a PostgreSQL of our own"
    cookie = scene.world.people[0].cookie()
    with scene.writing():
        scene.wait(scene.seconds / 4)
        before = _connected(scene)
        scene.stage.postgres.kill()
        with Visitor(scene.servers, "/inbox/", cookie) as visitor:
            scene.wait(scene.seconds / 2)
        still = _connected(scene)
        scene.stage.start_postgres()
        back = time.monotonic()
        pages = scene.wait_until(
            lambda: all(get(server, "/inbox/", cookie) == 200 for server in scene.servers),
            "pages answer again",
            RECOVERED,
        )
        scene.wait_until(lambda: _has_written(scene, back), "writes succeed again", RECOVERED)
        scene.wait(scene.seconds / 4)
    until_database_answers()
    scene.finish()
    statuses = {answer.status for answer in visitor.answers}
    scene.expect(statuses == {503}, f"pages answer 503 meanwhile (answered {sorted(statuses)})")
    scene.expect(still >= before, f"sockets stay open ({len(before - still)} did not)")
    slowest = max(answer.ended - answer.began for answer in visitor.answers)
    scene.note(
        f"a 503 took at most {slowest:.1f} s; pages back after {pages:.1f} s, {len(scene.seen.failed)} writes refused"
    )


def _connected(scene: Scene) -> set[str]:
    return {socket.name for socket in scene.crowd.state() if socket.connected}


def _has_written(scene: Scene, since: float) -> bool:
    return any(written.began > since and written.positions for written in scene.writes())


def until_database_answers() -> None:
    """Our own connections are broken too, and each is found out when it is used."""
    for _ in range(20):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except OperationalError:
            close_old_connections()
        else:
            return
