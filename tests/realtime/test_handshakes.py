"""What one address may try: counted before any look into the database, and forgotten again."""

import asyncio
from urllib.request import urlopen

import pytest
from asgiref.sync import sync_to_async

from realtime import codes, handshakes
from realtime.handshakes import REMEMBERED, WINDOW, Handshakes, address_of, counted_handshake
from realtime.hub import SOCKETS_PER_USER
from realtime.reads import Refused
from tests.realtime.sockets import dial, frame_from, org_path, raw_handshake, session_cookie
from tests.realtime.test_server import handshake_status
from tests.waiting import LIMIT

pytestmark = pytest.mark.second

OFFICE = "203.0.113.9"


def at_once(gate: Handshakes, count: int, now: float = 0.0, address: str = OFFICE) -> int:
    """How many of so many handshakes, each answered before the next, are let through."""
    allowed = 0
    for _ in range(count):
        if gate.begin(address, now):
            allowed += 1
            gate.end(address)
    return allowed


def test_a_store_is_used_up_and_fills_again():
    gate = Handshakes(per_minute=60, pending=100)
    assert at_once(gate, 100) == 60
    assert at_once(gate, 100, now=0.5) == 0
    assert at_once(gate, 100, now=10.0) == 10
    assert at_once(gate, 100, now=10.0 + 5 * WINDOW) == 60


def test_whoever_hammers_gets_no_more_than_the_rate():
    gate = Handshakes(per_minute=60, pending=100)
    assert sum(at_once(gate, 10, now=tick / 10) for tick in range(600)) == 60 + 59


def test_addresses_do_not_share_a_store():
    gate = Handshakes(per_minute=5, pending=100)
    assert [at_once(gate, 9, address=name) for name in ("one", "two", "one")] == [5, 5, 0]


def test_only_so_many_wait_at_a_time():
    gate = Handshakes(per_minute=1000, pending=2)
    assert [gate.begin(OFFICE, 0.0) for _ in range(3)] == [True, True, False]
    assert gate.begin("another", 0.0)
    gate.end(OFFICE)
    assert [gate.begin(OFFICE, 0.0) for _ in range(2)] == [True, False]


def test_what_is_remembered_is_bounded_and_the_longest_silent_is_forgotten():
    gate = Handshakes(per_minute=2, pending=9)
    at_once(gate, 2, address="hammers")
    for number in range(REMEMBERED * 2):
        at_once(gate, 1, address=f"host {number}")
        assert number % 1000 or at_once(gate, 1, address="hammers") == 0
    assert len(gate._left) == REMEMBERED
    assert gate._pending == {}


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("192.0.2.7", 5000), "192.0.2.7"),
        (["192.0.2.7", 0], "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 5000), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::1", 5000), "2001:db8:1:2::/64"),
        (("::ffff:192.0.2.7", 5000), "192.0.2.7"),
        (("fe80::1%eth0", 5000), "fe80::/64"),
        (("testclient", 5000), "testclient"),
        (None, None),
        (("", 0), None),
    ],
)
def test_an_address_is_a_host_or_an_ipv6_network(client, address):
    assert address_of({"client": client}) == address


async def test_one_that_failed_waits_no_longer(monkeypatch):
    monkeypatch.setattr(handshakes, "_handshakes", Handshakes(per_minute=9, pending=1))
    scope = {"client": (OFFICE, 1)}
    with pytest.raises(ZeroDivisionError), counted_handshake(scope):
        with pytest.raises(Refused) as refused, counted_handshake(scope):
            pass
        assert refused.value.code == codes.TOO_MANY
        raise ZeroDivisionError
    with counted_handshake(scope), counted_handshake({"client": None}):
        pass


async def test_too_many_from_one_address_are_refused_and_others_are_not(start_server, world):
    """The client's address is what a trusted proxy says it is."""
    server = await sync_to_async(start_server)(HANDSHAKES_PER_MINUTE="3", LOG_LEVEL="INFO")
    cookie = await sync_to_async(session_cookie)(world.bob)

    statuses = [
        await handshake_status(server.ws_url, org_path("nowhere"), cookie, forwarded_for=OFFICE)
        for _ in range(5)
    ]
    assert statuses == [403] * 5
    async with dial(server.ws_url, org_path("acme"), cookie, forwarded_for="203.0.113.10") as other:
        assert (await frame_from(other))["type"] == "welcome"
    assert cookie.split("=")[1] not in server.log
    assert server.log.count(f"Too many handshakes from {OFFICE}") == 1
    assert "Traceback" not in server.log


ONSLAUGHT = 2000


async def test_pages_answer_during_an_onslaught_and_refusals_are_clean(start_server, world):
    server = await sync_to_async(start_server)(HANDSHAKES_PENDING="100")
    cookie = await sync_to_async(session_cookie)(world.bob)
    held: list[asyncio.StreamWriter] = []
    onslaught = asyncio.gather(*(status_of_one(server.port, cookie, held) for _ in range(ONSLAUGHT)))
    pages = 0
    while pages < 3 or not onslaught.done():
        await asyncio.to_thread(page, server.base_url)
        pages += 1
    statuses = await onslaught
    for writer in held:
        writer.transport.abort()
    assert set(statuses) == {b"101", b"403"}
    assert statuses.count(b"101") == SOCKETS_PER_USER
    assert "Traceback" not in server.log


def page(base_url: str) -> None:
    with urlopen(base_url + "/accounts/login/", timeout=LIMIT) as answer:
        assert answer.status == 200


async def status_of_one(port: int, cookie: str, opened: list[asyncio.StreamWriter]) -> bytes:
    """The status. As cheap as can be, so that the clients do not slow down the server. Nobody hangs up: `opened`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw_handshake(port, cookie))
    opened.append(writer)
    return (await reader.readline()).split()[1]
