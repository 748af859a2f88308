"""From the port to a worker's event loop, all in this process: the pairs do not know whether a process lies between."""

import asyncio
import errno
import socket
from contextlib import AsyncExitStack, suppress

import pytest

from realtime import door, handed_over, refusals
from realtime.balancer import Balancer
from realtime.handed_over import READY, HandedListener
from realtime.listener import Limits, open_port
from tests.realtime.door import PLENTY, Client
from tests.waiting import until


@pytest.fixture(autouse=True)
def own_door(monkeypatch):
    monkeypatch.setattr(door, "_door", door.Door())
    refusals._refusals._unsaid.clear()


class Port(socket.socket):
    """A bound one that has no descriptors for the first connections."""

    exhausted = 0

    def accept(self):
        if self.exhausted:
            self.exhausted -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


class Setting:
    """A balancer, and workers that answer each line with their name."""

    def __init__(self, host="127.0.0.1"):
        bound = open_port(host, 0)
        self.family = bound.family
        self.port = Port(bound.family, fileno=bound.detach())
        self.address = self.port.getsockname()[:2]
        self.stack, self.writers = AsyncExitStack(), []
        self.balancer = Balancer(self.port, 100)

    async def __aenter__(self):
        self.stack.enter_context(self.balancer)
        return self

    async def __aexit__(self, *error):
        await self.stack.aclose()
        for writer in self.writers:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def worker(self, name, limits: Limits = PLENTY):
        """Its connections' transports."""
        transports = []

        class Echo(asyncio.Protocol):
            def connection_made(self, transport):
                self.transport = transport
                transports.append(transport)

            def data_received(self, data):
                self.transport.write(name + b"\n")

            def connection_lost(self, error):
                transports.remove(self.transport)

        listener = HandedListener(limits, self.family, self.balancer.add_worker().detach())
        server = await asyncio.get_running_loop().create_server(Echo, sock=listener)
        self.stack.callback(server.close)
        self.stack.callback(lambda: [transport.abort() for transport in transports])
        return transports

    def deaf_worker(self):
        """One that is ready and takes nothing: its end."""
        end = self.balancer.add_worker()
        end.send(READY)
        self.stack.callback(end.close)
        return end

    async def client(self) -> Client:
        reader, writer = await asyncio.open_connection(*self.address)
        self.writers.append(writer)
        return Client(reader, writer)

    async def asks(self) -> Client:
        client = await self.client()
        client.send(b"?\n")
        return client


async def who(client):
    async with asyncio.timeout(60):
        return (await client.reader.readline()).strip()


async def ready(setting, *workers):
    balancer = setting.balancer
    await until(
        lambda: balancer._listens and sum(each.is_ready for each in balancer._workers) == len(workers),
        "all are ready",
    )


async def test_whoever_has_the_fewest_gets_the_next():
    async with Setting() as setting:
        one, two = await setting.worker(b"one"), await setting.worker(b"two")
        await ready(setting, one, two)
        clients = [await setting.asks() for _ in range(20)]
        names = [await who(client) for client in clients]
        assert names.count(b"one") == names.count(b"two") == 10
        for client, name in zip(clients, names, strict=True):
            if name == b"one":
                client.writer.transport.abort()
        await until(lambda: not one, "it has closed them")
        balancer = setting.balancer
        await until(lambda: sum(each.open for each in balancer._workers) == 10, "the balancer has heard")
        assert [await who(await setting.asks()) for _ in range(10)] == [b"one"] * 10


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_connection_is_what_it_was_when_it_came(host):
    async with Setting(host) as setting:
        transports = await setting.worker(b"one")
        await ready(setting, transports)
        client = await setting.asks()
        await who(client)
        info = transports[0].get_extra_info
        assert info("peername")[:2] == client.writer.get_extra_info("sockname")[:2]
        assert info("sockname")[:2] == setting.address
        assert info("socket").family == setting.family
        assert info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)


async def test_what_a_worker_has_not_taken_goes_to_another_when_it_ends():
    async with Setting() as setting:
        deaf, hears = setting.deaf_worker(), await setting.worker(b"hears")
        await ready(setting, deaf, hears)
        clients = [await setting.asks() for _ in range(6)]
        await until(lambda: len(hears) == 3, "each has its half")
        deaf.close()
        assert [await who(client) for client in clients] == [b"hears"] * 6


async def test_until_there_is_a_worker_again_everybody_waits():
    async with Setting() as setting:
        first = setting.deaf_worker()
        await ready(setting, first)
        clients = [await setting.asks() for _ in range(3)]
        first.close()
        await until(lambda: not setting.balancer._workers, "it is gone")
        clients.append(await setting.asks())
        await setting.worker(b"new")
        assert [await who(client) for client in clients] == [b"new"] * 4


async def test_a_worker_without_a_descriptor_says_so_and_another_gets_it(monkeypatch, caplog):
    """The kernel hands over what it can: a byte without its descriptor, which is closed."""
    recvmsg, exhausted = socket.socket.recvmsg, [5]

    def receive(listener, *args):
        word, descriptors, *rest = recvmsg(listener, *args)
        if descriptors and exhausted[0]:
            exhausted[0] -= 1
            socket.close(int.from_bytes(descriptors[0][2], "little"))
            return word, [], *rest
        return word, descriptors, *rest

    monkeypatch.setattr(HandedListener, "recvmsg", receive, raising=False)
    async with Setting() as setting:
        await ready(setting, await setting.worker(b"one"))
        clients = [await setting.asks() for _ in range(3)]
        assert [await who(client) for client in clients] == [b"one"] * 3
    assert exhausted == [0]
    assert [record.name for record in caplog.records if record.levelname != "INFO"] == ["realtime.refusals"]


async def test_without_a_descriptor_the_parent_tries_again_and_says_one_line(caplog):
    async with Setting() as setting:
        setting.port.exhausted = 3
        await ready(setting, await setting.worker(b"one"))
        clients = [await setting.asks() for _ in range(3)]
        assert [await who(client) for client in clients] == [b"one"] * 3
    assert setting.port.exhausted == 0
    assert [record.name for record in caplog.records if record.levelname != "INFO"] == ["realtime.refusals"]


async def test_a_worker_whose_parent_is_gone_stops(monkeypatch):
    signals = []
    monkeypatch.setattr(handed_over.signal, "raise_signal", signals.append)
    async with Setting() as setting:
        await ready(setting, await setting.worker(b"one"))
        setting.balancer._workers[0].pair.shutdown(socket.SHUT_RDWR)
        await until(lambda: signals, "it hears")
    assert signals == [handed_over.signal.SIGTERM]


async def test_so_does_one_whose_words_it_had_not_read(monkeypatch):
    """Of a parent that was killed with something unread, the kernel tells as of a connection that was reset."""
    signals = []
    monkeypatch.setattr(handed_over.signal, "raise_signal", signals.append)
    ours, theirs = socket.socketpair()
    listener = HandedListener(PLENTY, socket.AF_INET, ours.detach())
    with listener:
        listener.setblocking(False)
        listener.send(b"unread")
        theirs.close()
        with pytest.raises(BlockingIOError):
            listener._next()
    assert signals == [handed_over.signal.SIGTERM]
