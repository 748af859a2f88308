"""The listening socket under asyncio: whom it lets in, and that answers leave at once."""

import errno
import socket
from contextlib import AsyncExitStack
from resource import RLIM_INFINITY

import pytest
import uvicorn
from django.core.management.base import CommandError

from realtime.connections import PATIENCE
from realtime.descriptors import affordable
from realtime.listener import Limits, open_port
from realtime.management.commands.serve import Command
from tests.realtime.door import PLENTY, client, opened_door
from tests.waiting import until

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


def sends_at_once(transport) -> bool:
    return bool(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_connections_send_without_waiting_for_more(host):
    async with opened_door(host=host) as server, client(server) as one:
        one.send(GET)
        assert await one.answer() == (200, b"0")
        assert sends_at_once(server.protocols[0].transport)


async def test_an_address_beyond_its_limit_is_turned_away_and_others_are_not(caplog):
    async with opened_door(Limits(100, 2, [])) as server, AsyncExitStack() as stack:
        held = [await stack.enter_async_context(client(server)) for _ in range(2)]
        for each in held:
            each.send(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n")
        await until(lambda: len(server.protocols) == 2, "both are served")
        for protocol in server.protocols:  # as sockets do, they owe nothing
            await until(lambda protocol=protocol: protocol.place.peer, "it is served")
        await until(lambda: all(protocol.cycle for protocol in server.protocols), "their heads are read")
        for protocol in server.protocols:
            server.connections.owes_nothing(protocol.place)
        for _ in range(3):
            async with client(server) as refused:
                assert (await refused.answer())[0] == 503
                assert await refused.rest() == b""
        held[0].send(b"hello")
        assert await held[0].answer() == (200, b"5")
        assert len(server.connections) == 2
    assert [record.getMessage() for record in caplog.records if record.name == "realtime.refusals"] == [
        "Too many connections of one address, from 127.0.0.1"
    ]


async def test_a_trusted_proxy_is_no_address():
    async with opened_door(Limits(100, 1, ["127.0.0.0/8"])) as server, AsyncExitStack() as stack:
        for _ in range(5):
            one = await stack.enter_async_context(client(server))
            one.send(GET)
            assert await one.answer() == (200, b"0")


@pytest.mark.parametrize("limits", [Limits(3, 100, []), Limits(100, 3, [])])
async def test_who_says_nothing_makes_room_for_who_does(limits):
    async with opened_door(limits) as server, AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(client(server)) for _ in range(3)]
        await until(lambda: len(server.protocols) == 3, "all are served")
        last = server.protocols[-1]
        await until(lambda: last.loop.time() - last.place.since > PATIENCE, "they have had their moment")
        one = await stack.enter_async_context(client(server))
        one.send(GET)
        assert await one.answer() == (200, b"0")
        assert await silent[0].rest() == b""
        await until(lambda: len(server.connections) <= 3, "their places are free")


async def test_places_are_given_back(caplog):
    async with opened_door() as server:
        for _ in range(3):
            async with client(server) as one:
                one.send(GET)
                assert await one.answer() == (200, b"0")
        await until(lambda: len(server.connections) == 0, "nobody is left")


def test_a_port_that_is_taken_is_said_in_a_sentence():
    with open_port("127.0.0.1", 0) as taken, pytest.raises(CommandError) as refused:
        taken.listen()
        port = taken.getsockname()[1]
        Command()._open_port(uvicorn.Config("nothing:here", port=port, log_config=None))
    assert str(refused.value) == f"Cannot listen on 127.0.0.1, port {port}: Address already in use"


def test_a_port_that_is_none_is_said_in_a_sentence():
    with pytest.raises(CommandError, match="port 99999: a port is a number from 0 to 65535"):
        Command()._open_port(uvicorn.Config("nothing:here", port=99999, log_config=None))


@pytest.mark.parametrize(
    ("wanted", "descriptors", "room"),
    [(500, 1024, 500), (10_000, 1024, 820), (10_000, 1_048_576, 10_000), (10_000, RLIM_INFINITY, 10_000)],
)
def test_connections_leave_descriptors_for_others(wanted, descriptors, room, caplog):
    assert affordable(wanted, descriptors) == room
    assert len(caplog.records) == (room < wanted)


async def test_without_a_descriptor_nothing_is_logged_but_one_line(monkeypatch, caplog):
    """asyncio would write a traceback for each connection that waits, and again every second."""
    accept, left = socket.socket.accept, [50]

    def exhausted(listener):
        if left[0]:
            left[0] -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", exhausted)
    async with opened_door(PLENTY) as server, client(server) as one:
        one.send(GET)
        assert await one.answer() == (200, b"0")
    assert left == [0]
    assert [record.name for record in caplog.records if record.levelname != "INFO"] == ["realtime.refusals"]
