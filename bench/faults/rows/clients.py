"""Rows of clients that are slow, broken, hostile, or simply many."""

import time
from contextlib import ExitStack

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from bench.faults.outside import peers, subscriptions
from bench.faults.pages import Visitor
from bench.faults.raw import Deaf
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.processes import resident_bytes

EVICTED = 15.0  # seconds
MIB = 2**20
DEAF = 10
EVENTS, SIZE = 150, 20_000  # what each deaf socket is owed beyond what the kernel takes for it: 3 MB


@row(
    fault="clients that stop reading: 10 sockets, each owed 3 MB more than the kernel takes",
    expected="evicted within 15 s of being stuck, memory flat",
    naive="the server keeps what they do not read, and keeps them",
    sockets=(24, 24),
)
def deaf_clients(scene: Scene) -> None:
    server = scene.servers[0]
    with ExitStack() as stack:
        sockets = [stack.enter_context(_deaf(scene, number)) for number in range(DEAF)]
        sockets[0].get_stuck(lambda: scene.burst(20, SIZE))
        before, stuck = resident_bytes(server.pid), time.monotonic()
        scene.burst(EVENTS, SIZE)
        highest = resident_bytes(server.pid)
        while time.monotonic() - stuck < EVICTED + 1 and any(each.is_held() for each in sockets):
            scene.wait(0.2)
            highest = max(highest, resident_bytes(server.pid))
        took = time.monotonic() - stuck
        left = sum(each.is_held() for each in sockets)
    scene.finish()
    what = f"evicted within {EVICTED:g} s ({left} still held after {took:.0f} s)"
    scene.expect(left == 0, what)
    grown, owed = (highest - before) / MIB, DEAF * EVENTS * SIZE / MIB
    scene.expect(
        grown < owed / 2, f"memory does not follow what they are owed (grew {grown:.0f} of {owed:.0f} MiB)"
    )
    scene.note(f"{DEAF - left} evicted after {took:.1f} s; memory grew by {grown:.0f} MiB")


def _deaf(scene: Scene, number: int) -> Deaf:
    people = [person for person in scene.world.people if scene.world.organizations[0] in person.organizations]
    path = f"/ws/orgs/{scene.world.organizations[0].slug}/notifications/"
    return Deaf(scene.servers[0].port, path, scene.world.cookies[people[number % len(people)]])


NONSENSE: dict[str, str | bytes | list[str]] = {
    "bad JSON": "{",
    "a list": "[]",
    "an empty frame": "",
    "a binary frame": b"\x00\xff",
    "an empty binary frame": b"",
    "deep JSON": "[" * 2000,
    "fragments": ["frag", "ments"],
    "a huge frame": "x" * 5000,
    "huge fragments": ["x" * 3000, "x" * 3000],
}


@row(
    fault="bad JSON, binary, empty, deep, huge, fragmented frames",
    expected="error or 1009; no traceback; no leak",
    naive="the consumer raises: a traceback, a bare 1006, and its place in the group stays taken",
)
def nonsense(scene: Scene) -> None:
    url = scene.stage.redis.url
    with scene.writing():
        scene.wait(1)
        before = subscriptions(url), [len(peers(server.port)) for server in scene.servers]
        heard = {
            name: [_answer(scene, sent, turn) for turn in range(scene.times(20, 4))]
            for name, sent in NONSENSE.items()
        }
        scene.wait(1)
    scene.finish()
    for name, answers in heard.items():
        expected = {"1009"} if "huge" in name else {"bad_message"}
        scene.expect(set(answers) == expected, f"{name} is answered with {expected} (heard {set(answers)})")
    after = subscriptions(url), [len(peers(server.port)) for server in scene.servers]
    scene.expect(
        after == before, f"nothing is left behind (places in groups, sockets: {before}, then {after})"
    )
    scene.note(f"{sum(len(answers) for answers in heard.values())} frames of nonsense")


def _answer(scene: Scene, sent: str | bytes | list[str], turn: int) -> str:
    """The code of the error frame, or of the close."""
    person = scene.world.people[turn % len(scene.world.people)]
    server = scene.servers[turn % 2]
    with connect(
        f"{server.ws_url}/ws/orgs/{person.organizations[0].slug}/notifications/",
        origin=Origin(server.base_url),
        additional_headers={"Cookie": scene.world.cookies[person]},
    ) as socket:
        socket.send(sent)
        try:
            while '"error"' not in (text := str(socket.recv(timeout=5))):
                pass
        except ConnectionClosed:
            return str(socket.close_code)
        except TimeoutError:
            return "nothing"
    return "bad_message" if '"bad_message"' in text else text


@row(
    fault="2,000 handshakes at once, a tenth of them forged (short form: 400)",
    expected="pages still answer; refusals are clean",
    naive="each handshake is several hops to the one thread of the database, and pages wait in the same queue",
    sockets=(20, 20),
)
def handshakes(scene: Scene) -> None:
    many = scene.times(2000, 400)
    plans = scene.plans(many, scene.world.invite(many // 10))
    for plan in plans[::10]:
        plan.cookie, plan.name = "sessionid=forged", f"forged {plan.name}"
        plan.rights, plan.start = {}, {}
    with Visitor(scene.servers, "/accounts/login/", "") as visitor, scene.writing():
        began = time.monotonic()
        scene.crowd.add(plans, at_once=many)
        scene.wait_until(lambda: _all_in_or_out(scene), "everybody is in, or refused", 60)
        took = time.monotonic() - began
    scene.finish()
    statuses = {answer.status for answer in visitor.answers}
    slowest = max(answer.ended - answer.began for answer in visitor.answers)
    scene.expect(statuses == {200}, f"pages answer (statuses {sorted(statuses)})")
    forged = [socket for socket in scene.crowd.state() if socket.name.startswith("forged")]
    refused = all(socket.refusals and not socket.connected for socket in forged)
    scene.expect(refused, "whoever is forged is refused by an HTTP answer")
    scene.note(f"all in after {took:.1f} s; slowest page {slowest:.1f} s")


def _all_in_or_out(scene: Scene) -> bool:
    sockets = scene.crowd.state()
    return all(s.refusals if s.name.startswith("forged") else s.connected for s in sockets)
