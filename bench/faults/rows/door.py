"""Rows of what anybody can send, signed in or not. In each somebody else looks at a page all the while."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from bench.faults.outside import unlinked_bytes
from bench.faults.pages import Visitor
from bench.faults.raw import Deaf
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.faults.strangers import Heard, Held, Stranger, ask, flood
from bench.handshake import request
from servers import UvicornServer

MIB = 2**20
AT_ONCE = 1.0  # seconds that a page, or a refusal, may take
IDLE = 1100
DESCRIPTORS = 1024
FEW = (24, 24)


@contextmanager
def looked_at(scene: Scene) -> Iterator[None]:
    """While everybody listens and writes, a member looks at a page of both servers again and again."""
    person = scene.world.people[0]
    path = f"/orgs/{person.organizations[0].slug}/tasks/"
    with scene.writing_unhindered(), Visitor(scene.servers, path, scene.world.cookies[person]) as visitor:
        scene.wait(1)
        yield
    slowest = max(answer.ended - answer.began for answer in visitor.answers)
    statuses = dict(Counter(answer.status for answer in visitor.answers))
    scene.expect(set(statuses) == {200}, f"pages answer (statuses {statuses})")
    scene.expect(slowest < AT_ONCE, f"a page takes {AT_ONCE:g} s at most (one took {slowest:.1f} s)")
    scene.note(f"{len(visitor.answers)} pages, the slowest {slowest:.2f} s")


@row(
    fault=f"{IDLE:,} connections to each server that send nothing, with {DESCRIPTORS:,} descriptors",
    expected="others are served within a second; who says nothing goes first",
    naive="no descriptor is left: nobody is served until they leave, and accept fills the log with tracebacks",
    sockets=FEW,
    descriptors=DESCRIPTORS,
)
def idle_connections(scene: Scene) -> None:
    with looked_at(scene), ExitStack() as stack:
        for server in scene.servers:
            held = stack.enter_context(closing(Held(server.port, IDLE)))
            stack.enter_context(Stranger(held.fill_up, pause=0.1))
        scene.wait(scene.seconds)
    lines = sum(server.log.count("realtime.refusals") for server in scene.servers)
    scene.expect(lines < 10, f"a line a minute says so ({lines} lines)")


HEAD_SECONDS = 10.0
ENDED = HEAD_SECONDS + 5  # seconds by which whoever is late has been cut off
EACH = 20


def _halves(server: UvicornServer) -> list[Held]:
    """What is begun and not brought to its end."""
    get = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    post = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n"
    handshake = request(server.port, "/ws/orgs/acme/notifications/")[:-2]
    return [
        Held(server.port, EACH, get),
        Held(server.port, EACH, get + b"X-A: ", dribble=b"a"),
        Held(server.port, EACH, post + b"a=b"),
        Held(server.port, EACH, post, dribble=b"a"),
        Held(server.port, EACH, handshake),
        Held(server.port, EACH, handshake + b"X-A: ", dribble=b"a"),
    ]


@row(
    fault=f"{6 * EACH} connections to each server with half a head, half a body or half a handshake, dribbled ones too",
    expected=f"each is ended within {ENDED:g} s; others do not notice",
    naive="held for as long as the client likes",
    sockets=FEW,
)
def half_requests(scene: Scene) -> None:
    with looked_at(scene), ExitStack() as stack:
        held = [half for server in scene.servers for half in _halves(server)]
        for half in held:
            stack.enter_context(closing(half)).fill_up()
            stack.enter_context(Stranger(half.dribble, pause=0.5))
        took = scene.wait_until(
            lambda: not sum(half.open() for half in held), "every half request is ended", ENDED
        )
    scene.note(f"{len(held) * EACH} ended after {took:.1f} s")


def _refused(server: UvicornServer) -> list[bytes]:
    path = "/ws/orgs/acme/notifications/"
    good = request(server.port, path)
    return [
        good,  # nobody is signed in
        request(server.port, path, "Cookie: sessionid=" + "a" * 9000),
        request(server.port, path, "Cookie: sessionid=" + "a" * 90_000),
        request(server.port, path, *(f"X-{number}: y" for number in range(500))),
        good.replace(b"Origin: http://", b"Origin: http://elsewhere."),
        good.replace(b"Sec-WebSocket-Key", b"X-Key"),
        good.replace(b"Version: 13", b"Version: 8"),
        good.replace(b"GET", b"POST"),
        good.replace(b"HTTP/1.1", b"HTTP/1.0"),
        good.replace(b" HTTP/1.1", b""),
        good.replace(b"Host", b"H\0st"),
    ]


@row(
    fault="handshakes with heads that are refused, from elsewhere, and of nobody, as fast as four clients can",
    expected="each is answered and its connection ended at once",
    naive="a head that the parser refuses gets no answer, and its connection stays open",
    sockets=FEW,
)
def refused_handshakes(scene: Scene) -> None:
    heard: list[Heard] = []

    def send_all(server: UvicornServer) -> None:
        for sent in _refused(server):
            heard.append(ask(server.port, sent))

    with looked_at(scene), ExitStack() as stack:
        for server in scene.servers * 2:
            stack.enter_context(Stranger(lambda server=server: send_all(server)))
        scene.wait(scene.seconds)
    statuses = dict(Counter(each.status for each in heard))
    slowest = max(each.ended for each in heard)
    scene.expect(not {0, 101, 500} & set(statuses), f"each is refused by an answer (statuses {statuses})")
    scene.expect(slowest < 5, f"each connection is ended within 5 s (one after {slowest:.1f} s)")
    scene.note(f"{len(heard)} refused, {len(heard) / scene.seconds:.0f} a second")


@row(
    fault="POSTs of 200 MB to four addresses of each server at once, with and without a length (short form: 50 MB)",
    expected="413 within a second, nothing on disk, and the connection ended",
    naive="all of it is written to disk before anybody looks at it",
    sockets=FEW,
)
def body_flood(scene: Scene) -> None:
    heard: list[Heard] = []
    size = scene.times(200, 50) * MIB
    paths = ("/accounts/login/", "/healthz", "/nowhere/", "/api/users/me/notifications/")
    kinds = {f"Content-Length: {size}": False, "Transfer-Encoding: chunked": True}

    def send(server: UvicornServer, path: str, kind: str) -> None:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{kind}\r\n\r\n".encode()
        heard.append(flood(server.port, head, size, chunked=kinds[kind]))

    on_disk = 0
    with looked_at(scene), ExitStack() as stack:
        for server in scene.servers:
            for path in paths:
                for kind in kinds:
                    stack.enter_context(
                        Stranger(
                            lambda server=server, path=path, kind=kind: send(server, path, kind), pause=1
                        )
                    )
        ends = time.monotonic() + scene.seconds
        while time.monotonic() < ends:
            scene.wait(0.2)
            on_disk = max(on_disk, *(unlinked_bytes(server.pid) for server in scene.servers))
    statuses = dict(Counter(each.status for each in heard))
    slowest = max(each.answered for each in heard)
    scene.expect(set(statuses) == {413}, f"each is refused with 413 (statuses {statuses})")
    scene.expect(slowest < AT_ONCE, f"the answer comes within {AT_ONCE:g} s (one after {slowest:.1f} s)")
    scene.expect(not on_disk, f"nothing is written to disk ({on_disk / MIB:.0f} MiB)")
    scene.note(f"{len(heard)} bodies of {size / MIB:.0f} MB, the slowest answer {slowest:.2f} s")


PINGS = b"\x89\x80\0\0\0\0" * 1000
RATE = 4_000_000  # bytes a second
FLOODING = 3  # sockets on each server
CUT_OFF = 3.0  # seconds


class Flood(Deaf):
    """A socket that sends pings at RATE, until it is cut off."""

    def send_all(self, seconds: float) -> float:
        """How long it was let."""
        began = time.monotonic()
        self._socket.settimeout(seconds)
        try:
            while (spent := time.monotonic() - began) < seconds:
                self._socket.sendall(PINGS)
                time.sleep(len(PINGS) / RATE)
        except OSError:
            return time.monotonic() - began
        return spent


@row(
    fault=f"{FLOODING} sockets of a member on each server that send control frames at 4 MB/s, again and again",
    expected=f"cut off within {CUT_OFF:g} s; others do not notice",
    naive="each ping is parsed and answered: the loop has time for nothing else",
    sockets=FEW,
)
def frame_flood(scene: Scene) -> None:
    allowed: list[float] = []
    person = scene.world.people[1]
    path = f"/ws/orgs/{person.organizations[0].slug}/notifications/"

    def send(server: UvicornServer) -> None:
        with Flood(server.port, path, scene.world.cookies[person]) as socket:
            allowed.append(socket.send_all(scene.seconds))

    with looked_at(scene), ExitStack() as stack:
        for server in scene.servers:
            for _ in range(FLOODING):
                stack.enter_context(Stranger(lambda server=server: send(server), pause=0.2))
        scene.wait(scene.seconds)
    longest = max(allowed, default=scene.seconds)
    scene.expect(longest < CUT_OFF, f"a flood is cut off within {CUT_OFF:g} s (one after {longest:.1f} s)")
    scene.note(f"{len(allowed)} floods, the longest {longest:.1f} s")
