"""The wire over the public `send`: over at once where nothing waits, one task where something does."""

import asyncio

import pytest

from realtime.batch import Batch
from realtime.wire import SendWire
from tests.waiting import until


class Server:
    """An ASGI server whose `send` waits while it is not `open`."""

    def __init__(self) -> None:
        self.sent: list[dict] = []
        self.coming: asyncio.Queue[dict] = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()
        self.error: Exception | None = None

    async def send(self, message) -> None:
        await self.open.wait()
        if self.error:
            raise self.error
        self.sent.append(message)

    def texts(self) -> list[str]:
        return [message.get("text", message.get("code")) for message in self.sent]


class Told:
    """A reader that notes what its wire tells it."""

    def __init__(self, wire) -> None:
        self.heard: list[str] = []
        wire.reader = self

    def pause(self) -> None:
        self.heard.append("pause")

    def resume(self) -> None:
        self.heard.append("resume")


@pytest.fixture
async def server():
    return Server()


@pytest.fixture
async def wire(server):
    return SendWire(server.coming.get, server.send)


def batch(*texts: str) -> Batch:
    return Batch([text.encode() for text in texts])


async def test_what_need_not_wait_is_sent_without_a_task(server, wire):
    tasks = asyncio.all_tasks()
    wire.write(batch("one", "two"))
    assert server.texts() == ["one", "two"]
    assert asyncio.all_tasks() == tasks
    assert wire.stuck_since is None


async def test_what_has_to_wait_makes_it_stuck_until_all_is_sent_in_order(server, wire):
    told = Told(wire)
    server.open.clear()
    wire.write(batch("one", "two", "three"))
    assert wire.stuck_since is not None
    assert (server.sent, told.heard) == ([], ["pause"])
    server.open.set()
    await wire.drained()
    assert server.texts() == ["one", "two", "three"]
    assert told.heard == ["pause", "resume"]
    assert wire.stuck_since is None


async def test_the_close_ends_what_is_received(server, wire):
    server.coming.put_nowait({"type": "websocket.receive", "text": "hello"})
    assert (await wire.receive())["text"] == "hello"
    receiving = asyncio.ensure_future(wire.receive())
    wire.close(4403)
    assert server.texts() == [4403]
    assert (await receiving)["type"] == "websocket.disconnect"


async def test_an_abort_ends_a_send_that_never_does(server, wire):
    server.open.clear()
    wire.write(batch("one", "two"))
    wire.abort()
    await wire.drained()
    server.open.set()
    assert (await wire.receive())["type"] == "websocket.disconnect"
    wire.write(batch("three"))
    assert server.sent == []


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_client_that_went_ends_it_without_a_word(server, wire, at_once, caplog):
    server.error = ConnectionResetError()
    if not at_once:
        server.open.clear()
    wire.write(batch("one"))
    server.open.set()
    assert (await wire.receive())["type"] == "websocket.disconnect"
    assert caplog.text == ""


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_server_that_fails_is_told_of_and_hurts_no_other(server, wire, at_once, caplog):
    server.error = ZeroDivisionError()
    if not at_once:
        server.open.clear()
    wire.write(batch("one"))
    server.open.set()
    assert (await wire.receive())["type"] == "websocket.disconnect"
    await until(lambda: "ZeroDivisionError" in caplog.text, "it is logged")
