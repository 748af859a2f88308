"""Rows in which a process of ours dies, is told to stop, or has more to do at once than usual."""

import time

from bench.faults.children import Gone
from bench.faults.raw import Deaf
from bench.faults.row import row
from bench.faults.scene import POLL, Scene
from bench.faults.stage import STREAMED

STOPPED = 11.0  # seconds after SIGTERM
LONG = 20_000  # characters of a comment


@row(
    fault="burst of 1,000 events to 1,000 sockets (short form: 300 to 600)",
    expected="no hole",
    naive="the layer holds 100 messages for all sockets of a process together; the rest is dropped",
    sockets=(1000, 600),
)
def burst(scene: Scene) -> None:
    with scene.writing_unhindered(rate=0):
        written = scene.burst(scene.times(1000, 300))
    scene.expect(
        scene.seen.resets() == 0, f"nobody has to start again ({scene.seen.resets()} sockets had to)"
    )
    took = written.ended - written.began
    later = max(scene.seen.slowest(written.began) - took, 0)
    scene.note(f"written in {took:.1f} s, all shown {later:.1f} s later")


@row(
    fault="the writing process killed between COMMIT and broadcast",
    expected="delivered within the poll interval",
    naive="it broadcasts inside the transaction; killed there, it has shown what was never committed",
)
def commit_without_broadcast(scene: Scene) -> None:
    with scene.writing():
        scene.wait(2)
    killed = time.monotonic()
    for _ in range(scene.times(10, 2)):
        writer = scene.new_writer()
        try:
            writer.ask({"do": "die unannounced"})
        except Gone:
            scene.wait(POLL + 1)
        else:
            raise AssertionError("the writer did not die")
    scene.finish()
    scene.expect_caught_up(killed, POLL + 1)  # a second to read


@row(
    fault="server processes killed (SIGKILL), one after the other",
    expected="clients resume on the other; nothing missing",
    naive="whoever comes back is shown the newest 10 again, and not what lies before them",
)
def server_killed(scene: Scene) -> None:
    with scene.writing_unhindered():
        for server in scene.servers:
            scene.wait(scene.seconds / 4)
            server.kill()
            scene.wait(scene.seconds / 4)
            server.start()
    scene.note(f"{scene.seen.resumed()} times a socket resumed")


@row(
    fault="streams cut all the time, and the servers killed (SIGKILL) and stopped under them",
    expected="clients that send back the newest id resume; nothing missing, nothing twice",
    naive="whoever comes back is shown the newest 10 again, and not what lies before them",
    system=STREAMED,
)
def streams_cut(scene: Scene) -> None:
    cuts = 0
    with scene.writing_unhindered():
        for server in scene.servers:
            for _ in range(5):
                scene.wait(scene.seconds / 12)
                cuts += scene.crowd.ask({"do": "drop", "count": 20})
            server.kill()
            server.start()
    scene.note(f"{cuts} streams cut")


@row(
    fault="SIGTERM with a client that never reads",
    expected="1012 to the rest; gone within 11 s",
    naive="uvicorn waits for that client until its own ping gives it up; the others come back without a cursor",
    sockets=(40, 40),
)
def sigterm(scene: Scene) -> None:
    server = scene.servers[0]
    person = scene.world.people[0]
    path = f"/ws/orgs/{person.organizations[0].slug}/notifications/"
    with Deaf(server.port, path, person.cookie()) as deaf, scene.writing_unhindered():
        scene.wait(scene.seconds / 4)
        deaf.get_stuck(lambda: scene.burst(20, LONG))
        told = time.monotonic()
        server.terminate()
        took = scene.wait_until(lambda: not server.is_running, "the server is gone", STOPPED)
        server.kill()
        server.start()
        scene.wait(scene.seconds / 4)
    codes = scene.seen.closes(told)
    scene.expect(set(codes) <= {1012, 4408}, f"the rest hears 1012 or 4408 (heard {dict(codes)})")
    scene.note(f"gone after {took:.1f} s; {sum(codes.values())} sockets were told")
