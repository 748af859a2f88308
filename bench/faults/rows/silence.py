"""The row of a PostgreSQL that says nothing: no packet is refused, and none is answered."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bench.faults.pages import get
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.faults.stage import Stage
from servers import Relay

HEALED = 15.0  # seconds once there is a way again


@contextmanager
def with_relay(stage: Stage) -> Iterator[Stage]:
    """Between the servers and PostgreSQL; whoever writes has a way of their own."""
    assert stage.postgres, "a row for a PostgreSQL of our own"
    with Relay(stage.postgres.port) as relay:
        url = f"postgres://postgres@127.0.0.1:{relay.port}/postgres"
        yield replace(stage, of_servers={"DATABASE_URL": url}, relay=relay)


@row(
    fault="PostgreSQL silent for the servers: what is open swallows packets for good, for a while what is new too; "
    "Redis is dead, so that only the database tells of events",
    expected="sockets stay open, and all heals within 15 s once there is a way",
    naive="its requests and handshakes wait in dead connections, for good",
    set_up=with_relay,
)
def silent_database(scene: Scene) -> None:
    relay, postgres = scene.stage.relay, scene.stage.postgres
    assert relay
    assert postgres
    cookie = scene.world.people[0].cookie()
    with scene.writing():
        scene.wait(scene.seconds / 6)
        before = {socket.name for socket in scene.crowd.state() if socket.connected}
        scene.stage.redis.kill()
        relay.swallow()
        silent = time.monotonic()
        scene.wait(scene.seconds / 3)
        still = {socket.name for socket in scene.crowd.state() if socket.connected}
        relay.lead_to(postgres.port)
        back = time.monotonic()
        pages = scene.wait_until(
            lambda: all(get(server, "/inbox/", cookie) == 200 for server in scene.servers),
            "pages answer again",
            HEALED,
        )
        scene.wait(scene.seconds / 2)
    scene.finish()
    if not scene.is_naive:
        scene.expect(still >= before, f"sockets stay open ({len(before - still)} did not)")
    took = max(scene.seen.delays(silent, not_before=back), default=0.0)
    scene.expect(took <= HEALED, f"every event comes within {HEALED:g} s of that (one took {took:.1f} s)")
    scene.note(f"pages back after {pages:.1f} s, all events after {took:.1f} s")
    if scene.is_naive:
        for server in scene.servers:
            server.kill()  # it would wait for its dead connections
