"""The wires of a stream: over a played transport, and by the public `send` of any server."""

import asyncio
from types import SimpleNamespace

import pytest

from config.asgi import application
from realtime import codes, hub
from realtime.batch import Batch
from realtime.event_stream import event_of
from realtime.stream_wire import SILENCE, TransportStream
from realtime.streams import end_streams
from tests.realtime.sockets import session_cookie
from tests.waiting import LIMIT, until

PAYLOAD = b'{"type":"task_event","position":3,"cursor":"1.3.00000000"}'
AS_EVENT = b"id: 1.3.00000000\nevent: task_event\ndata: " + PAYLOAD + b"\n\n"


@pytest.mark.once
@pytest.mark.parametrize(
    ("payload", "head"),
    [
        (b'{"type":"pong"}', b"event: pong\n"),
        (
            b'{"type":"welcome","cursor":"1.3.00000000","replay":{"count":0}}',
            b"id: 1.3.00000000\nevent: welcome\n",
        ),
        (b'{"type":"welcome","cursor":"1.3.00000000","replay":{"count":2}}', b"event: welcome\n"),
        (b'{"type":"a\\nid: 9"}', b""),
        (b'{"type":7}', b""),
        (b'{"kind":"odd"}', b""),
    ],
)
def test_a_frame_as_an_event(payload, head):
    assert event_of(payload) == head + b"data: " + payload + b"\n\n"


def played(version="1.1") -> tuple[TransportStream, list[bytes]]:
    written: list[bytes] = []
    transport = SimpleNamespace(
        write=written.append, is_closing=lambda: False, set_write_buffer_limits=lambda high: None
    )
    cycle = SimpleNamespace(keep_alive=True)
    protocol = SimpleNamespace(transport=transport, cycle=cycle, scope={"http_version": version}, stream=None)
    wire = TransportStream(protocol, None)
    wire.begun()
    wire.reader = SimpleNamespace(pause=lambda: None, resume=lambda: None)
    return wire, written


@pytest.mark.once
async def test_chunks_where_there_are_any():
    for version, expected in (("1.1", b"%x\r\n%b\r\n" % (len(AS_EVENT), AS_EVENT)), ("1.0", AS_EVENT)):
        wire, written = played(version)
        wire.write(Batch([PAYLOAD]))
        assert written == [expected]


@pytest.mark.once
async def test_a_comment_after_silence_unless_it_is_stuck_or_lost():
    wire, written = played()
    for _ in range(SILENCE - 1):
        wire.tick()
    wire.write(Batch([PAYLOAD]))
    for _ in range(SILENCE - 1):
        wire.tick()
    assert len(written) == 1
    wire.tick()
    assert written[1:] == [b"3\r\n:\n\n\r\n"]
    wire.pause()
    for _ in range(2 * SILENCE):
        wire.tick()
    wire.resume()
    wire.lose()
    for _ in range(2 * SILENCE):
        wire.tick()
    assert (len(written), wire.has_ended) == (2, True)


class Answer:
    """What another server would send of one request."""

    def __init__(self, path: str, cookie: str) -> None:
        self.body, self.status, self.is_over = b"", 0, False
        self._gone = asyncio.Event()
        headers = [(b"host", b"testserver"), (b"cookie", cookie.encode())]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
        self.task = asyncio.ensure_future(application(scope, self._receive, self._send))

    async def _receive(self) -> dict:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
        self.is_over = message["type"] == "http.response.body" and not message.get("more_body")

    def leave(self) -> None:
        self._gone.set()


@pytest.fixture
def cookie(world) -> str:
    return session_cookie(world.bob)


async def test_any_server_can_carry_a_stream_and_end_it(closed_connections, cookie):
    answers = [Answer("/api/v1/stream", cookie), Answer("/api/v1/orgs/acme/stream", cookie)]
    for answer in answers:
        await until(lambda answer=answer: b"task_event" in answer.body, "its replay")
        assert answer.status == 200
    answers[0].leave()
    await until(answers[0].task.done, "its end")
    await until(lambda: len(hub.get_hub().readers()) == 1, "one left")
    end_streams()
    async with asyncio.timeout(LIMIT):
        await answers[1].task
    assert answers[1].is_over
    assert b'"code":%d' % codes.GOING_AWAY in answers[1].body
    assert hub.get_hub().readers() == []
