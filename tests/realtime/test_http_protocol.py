"""Requests and handshakes as clients must not send them: each is answered and closed, none is written into the log."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from realtime.door import HEAD_SECONDS
from realtime.http_limits import BODY_BYTES, FRAMING_BYTES, HEAD_BYTES
from realtime.http_protocol import BODY_RATE, BODY_SECONDS, FIRST_SECONDS
from realtime.protocol import ANSWER_SECONDS
from tests.realtime.door import client, opened_door
from tests.waiting import until

HOST = b"Host: here\r\n"
GET, POST = b"GET / HTTP/1.1\r\n" + HOST, b"POST / HTTP/1.1\r\n" + HOST
KEY, VERSION = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"Sec-WebSocket-Version: 13\r\n"
UPGRADE = HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
SOCKET = b"GET / HTTP/1.1\r\n" + UPGRADE + KEY + VERSION
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"\r\n"


def cookie(size: int) -> bytes:
    return b"Cookie: " + b"a" * size + END


def up_to(size: int, head: bytes) -> bytes:
    """That head, as large as this."""
    return head + cookie(size - len(head + cookie(0) + END)) + END


def lines(count: int) -> bytes:
    return b"".join(b"X-%d: y\r\n" % number for number in range(count))


GOOD = {
    "a cookie of 9,000 bytes": GET + cookie(9000) + END,
    "a head as large as may be": up_to(HEAD_BYTES, GET),
    "a hundred lines": GET + lines(100) + END,
    "a long path": b"GET /" + b"a" * 50_000 + b" HTTP/1.1\r\n" + HOST + END,
    "a folded line": GET + b"X: a\r\n b\r\n\r\n",
    "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
    "another upgrade": GET + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    "a body in chunks": CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
}
SOCKETS = {
    "a cookie of 9,000 bytes": SOCKET + cookie(9000) + END,
    "a head as large as may be": up_to(HEAD_BYTES, SOCKET),
    "a hundred lines": SOCKET + lines(100) + END,
    "a long path": SOCKET.replace(b"GET /", b"GET /" + b"a" * 50_000) + END,
    "a folded line": SOCKET + b"X: a\r\n b\r\n\r\n",
}
REFUSED = {
    "a head that is too large": (431, up_to(HEAD_BYTES + 1, GET)),
    "a handshake that is too large": (431, up_to(HEAD_BYTES + 1, SOCKET)),
    "a head of a megabyte": (431, GET + cookie(1_000_000) + END),
    "a head that never ends": (431, GET + cookie(HEAD_BYTES)),
    "a path that never ends": (431, b"GET /" + b"a" * HEAD_BYTES),
    "a thousand lines": (431, GET + lines(1000) + END),
    "a handshake of a thousand lines": (431, SOCKET + lines(1000) + END),
    "no request": (400, b"GARBAGE\r\n\r\n"),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /\r\n\r\n"),
    "HTTP/3.0": (400, b"GET / HTTP/3.0\r\n" + HOST + END),
    "NUL in the path": (400, b"GET /\0 HTTP/1.1\r\n" + HOST + END),
    "NUL in a line": (400, GET + b"X: \0\r\n\r\n"),
    "no colon": (400, GET + b"X\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two hosts": (400, GET + HOST + END),
    "CONNECT": (400, b"CONNECT there:443 HTTP/1.1\r\n" + HOST + END),
    "an address for a proxy": (400, b"GET http://there/ HTTP/1.1\r\n" + HOST + END),
    "no path": (400, b"OPTIONS * HTTP/1.1\r\n" + HOST + END),
    "length and chunks": (400, POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    "a length of many digits": (400, POST + b"Content-Length: " + b"9" * 5000 + END + END),
    "a length below zero": (400, POST + b"Content-Length: -5\r\n\r\n"),
    "another coding": (400, POST + b"Transfer-Encoding: gzip\r\n\r\n"),
    "no size of a chunk": (400, CHUNKED + b"zz\r\n"),
    "a chunk without an end": (400, CHUNKED + b"1\r\nxyz"),
    "an extension that never ends": (431, CHUNKED + b"1;" + b"a" * (HEAD_BYTES + 1)),
    "a long extension": (400, CHUNKED + b"1;" + b"a" * FRAMING_BYTES + b"\r\nx\r\n"),
    "many small extensions": (400, CHUNKED + b"1;abcdefghij\r\nx\r\n" * (FRAMING_BYTES // 10)),
    "trailers that never end": (431, CHUNKED + b"0\r\n" + lines(10_000)),
    "a handshake without a key": (400, SOCKET.replace(KEY, b"") + END),
    "a handshake with half a key": (400, SOCKET.replace(b"dGhl", b"") + END),
    "a handshake without a version": (400, SOCKET.replace(VERSION, b"") + END),
    "a handshake of another version": (400, SOCKET.replace(b"13", b"8") + END),
    "a handshake over HTTP/1.0": (505, SOCKET.replace(b"1.1", b"1.0") + END),
    "a handshake by POST": (405, SOCKET.replace(b"GET", b"POST") + END),
    "a handshake with a body": (400, SOCKET + b"Content-Length: 5\r\n\r\nhello"),
    "a handshake in chunks": (400, SOCKET + b"Transfer-Encoding: chunked\r\n\r\n"),
}


def log_of(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname not in ("DEBUG", "INFO")]


async def test_what_is_right_is_answered(caplog):
    async with opened_door() as server:
        for name, sent in GOOD.items():
            async with client(server) as one:
                one.send(sent)
                assert (await one.answer())[0] == 200, name
    assert log_of(caplog) == []


async def test_handshakes_have_the_same_room_as_pages(caplog):
    async with opened_door() as server:
        for name, sent in SOCKETS.items():
            async with client(server) as one:
                one.send(sent)
                assert (await one.answer())[0] == 101, name
    assert log_of(caplog) == []


async def test_what_is_wrong_is_answered_and_closed_with_a_line_for_each_kind(caplog):
    async with opened_door() as server:
        for name, (status, sent) in REFUSED.items():
            async with client(server) as one:
                one.send(sent)
                got, words = await one.answer()
                assert (got, await one.rest()) == (status, b""), name
                assert words.endswith(b".\n"), name
                assert len(words) < 200
    assert all(record.exc_info is None for record in caplog.records)
    assert sorted(log_of(caplog)) == [
        "Requests that were refused with 400, from 127.0.0.1",
        "Requests that were refused with 431, from 127.0.0.1",
    ]


FOR_PROGRAMS = {
    name: (status, sent.replace(b" / ", b" /api/v1/orgs/acme/tasks?a=b ", 1))
    for name, (status, sent) in REFUSED.items()
    if b" / " in sent[:20] and b"Upgrade" not in sent
}


@pytest.mark.parametrize("prefix", ["", "/here"])
async def test_a_program_is_told_by_a_problem_document_with_the_number_of_its_request(prefix, settings):
    settings.PATH_PREFIX = prefix
    async with opened_door() as server:
        for name, (status, sent) in FOR_PROGRAMS.items():
            async with client(server) as one:
                one.send(sent.replace(b" /api/", f" {prefix}/api/".encode(), 1))
                head, _, body = (await one.rest()).partition(END + END)
            told, document = dict(line.split(b": ") for line in head.split(END)[1:]), json.loads(body)
            assert told[b"content-type"] == b"application/problem+json", name
            assert document["request_id"] == told[b"x-request-id"].decode() != ""
            assert document["status"] == status == int(head.split()[1])
            assert document["code"] == {400: "invalid", 431: "head_too_large"}[status]
            assert "error" not in document, "that is for what is older than problem documents"


async def test_half_a_request_of_a_program_is_told_so_too():
    async with opened_door() as server, client(server) as one:
        await served(server, one, b"GET /api/v1/me HTTP/1.1\r\nHos")
        server.late(HEAD_SECONDS + 1)
        assert json.loads((await one.answer())[1])["code"] == "too_late"


async def test_what_follows_a_good_request_is_judged_alike():
    async with opened_door() as server, client(server) as one:
        one.send((GET + END) * 3 + b"GARBAGE\r\n\r\n")
        assert [(await one.answer())[0] for _ in range(4)] == [200, 200, 200, 400]
        assert await one.rest() == b""


async def test_a_body_may_wait_to_be_asked_for():
    async with opened_door() as server, client(server) as one:
        one.send(POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert await one.answer() == (100, b"")
        one.send(b"hello")
        assert await one.answer() == (200, b"5")


@pytest.mark.parametrize("early", [b"\x88\x80\0\0\0\0", b"\xff\xff", b"\x89\x80\0\0\0\0\x88\x80\0\0\0\0"])
async def test_frames_that_come_with_the_handshake_wait_for_its_answer(early, caplog):
    async with opened_door() as server, client(server) as one:
        one.send(SOCKET + END + early)
        assert await one.answer() == (101, b"")
        assert b"\x88" in await one.rest()
    assert log_of(caplog) == []


async def test_a_refused_client_may_finish_its_sentence_but_not_go_on_for_ever():
    async with opened_door() as server, client(server) as one:
        one.send(GET + cookie(HEAD_BYTES))
        assert (await one.answer())[0] == 431
        for _ in range(100):
            one.send(b"a" * BODY_BYTES)
        await until(lambda: len(server.connections) == 0, "it is cut off")


# --- Time ---------------------------------------------------------------------------------------------------


async def served(server, one, sent: bytes = b""):
    """The connection's protocol, once it has read what was sent."""
    await until(lambda: server.protocols, "it is served")
    protocol = server.protocols[-1]
    one.send(sent)
    await until(lambda: protocol.conn.buffered == len(sent), "it is read")
    return protocol


async def test_a_connection_without_a_request_is_closed_without_a_word(caplog):
    async with opened_door() as server, client(server) as one:
        await served(server, one)
        assert server.late(HEAD_SECONDS - 1)
        server.late(HEAD_SECONDS + 1)
        assert await one.rest() == b""
    assert log_of(caplog) == []


@pytest.mark.parametrize("head", [GET[:-5], SOCKET[:-5]])
async def test_half_a_head_is_answered_and_a_few_bytes_more_do_not_help(head, caplog):
    async with opened_door() as server, client(server) as one:
        protocol = await served(server, one, head[:17])
        deadline = protocol.place.deadline
        for end in range(18, 22):
            one.send(head[end - 1 : end])
            await until(lambda end=end: protocol.conn.buffered == end, "it is read")
        assert protocol.place.deadline == deadline
        server.late(HEAD_SECONDS + 1)
        assert (await one.answer())[0] == 408
        assert await one.rest() == b""
    assert log_of(caplog) == ["Requests that were refused with 408, from 127.0.0.1"]


async def test_the_next_head_has_its_own_time_from_its_first_byte():
    async with opened_door() as server, client(server) as one:
        one.send(GET + END)
        assert (await one.answer())[0] == 200
        protocol = server.protocols[0]
        idle = protocol.place.deadline - protocol.place.since
        assert idle == pytest.approx(protocol.timeout_keep_alive)
        await served(server, one, GET)
        assert protocol.place.deadline - protocol.place.since == pytest.approx(HEAD_SECONDS)
        server.late(HEAD_SECONDS + 1)
        assert (await one.answer())[0] == 408


async def test_a_connection_that_stays_unused_is_closed():
    async with opened_door() as server, client(server) as one:
        one.send(GET + END)
        assert (await one.answer())[0] == 200
        server.late(server.protocols[0].timeout_keep_alive + 1)
        assert await one.rest() == b""


async def test_half_a_body_is_answered():
    async with opened_door() as server, client(server) as one:
        one.send(POST + b"Content-Length: 10\r\n\r\nhello")
        await until(lambda: server.protocols and server.protocols[0].conn.body_bytes == 5, "it is read")
        server.late(BODY_SECONDS - 1)
        assert server.protocols[0].place.peer
        server.late(BODY_SECONDS + 1)
        assert (await one.answer())[0] == 408
        assert await one.rest() == b""


async def test_a_body_has_time_for_what_it_brings():
    async with opened_door() as server, client(server) as one:
        size = 20 * BODY_RATE
        one.send(POST + b"Content-Length: %d\r\n\r\n" % (size + 1) + b"a" * size)
        await until(lambda: server.protocols and server.protocols[0].conn.body_bytes == size, "it is read")
        server.late(BODY_SECONDS + 19)
        one.send(b"a")
        assert await one.answer() == (200, str(size + 1).encode())


async def test_a_handshake_that_we_do_not_answer_ends(caplog):
    async with opened_door() as server, client(server) as one:
        one.send(SOCKET.replace(b"GET /", b"GET /never/") + END)
        await until(lambda: server.connections._answering, "it waits for us")
        server.late(ANSWER_SECONDS - 1)
        assert server.connections._answering
        server.late(ANSWER_SECONDS + 1)
        assert (await one.answer())[0] == 503
        assert await one.rest() == b""


async def test_when_we_stop_who_has_just_come_is_answered_and_who_has_an_answer_goes():
    async with (
        opened_door() as server,
        client(server) as waits,
        client(server) as new,
        client(server) as mute,
    ):
        waits.send(GET + END)
        assert (await waits.answer())[0] == 200
        await until(lambda: len(server.protocols) == 3, "all are served")
        await until(lambda: all(hasattr(each, "place") for each in server.protocols), "all have their places")
        for protocol in server.protocols:
            protocol.shutdown()
        assert await waits.rest() == b""
        new.send(GET + END)
        assert await new.answer() == (200, b"0")
        assert await new.rest() == b""
        server.late(FIRST_SECONDS)
        assert await mute.rest() == b""


async def test_when_we_stop_a_handshake_is_answered_and_closed_with_1012():
    async with opened_door() as server, client(server) as one:
        await until(lambda: server.protocols, "it is served")
        await until(lambda: hasattr(server.protocols[0], "place"), "it has its place")
        server.protocols[0].shutdown()
        one.send(SOCKET + END)
        assert (await one.answer())[0] == 101
        assert await one.rest() == b"\x88\x02" + (1012).to_bytes(2, "big")


async def test_a_socket_has_no_deadline():
    async with opened_door() as server, client(server) as one:
        one.send(SOCKET + END)
        assert (await one.answer())[0] == 101
        assert not server.late(1_000_000)
        one.send(b"\x89\x80\0\0\0\0")
        async with asyncio.timeout(10):
            assert await one.reader.readexactly(2) == b"\x8a\0"


# --- Floods -------------------------------------------------------------------------------------------------

MASK = b"\0\0\0\0"
PING, PONG, EMPTY, PART = (bytes([first, 0x80]) + MASK for first in (0x89, 0x8A, 0x81, 0x01))
MORE = b"\0\x80" + MASK
TOO_MANY = b"\x88\x02" + (4429).to_bytes(2, "big")


FLOODS = {
    "pings": PING * 1000,
    "pongs": PONG * 1000,
    "fragments": PART + MORE * 1000,
    "messages of two fragments": (PART + b"\x80\x80" + MASK) * 500,
    "large pongs": (b"\x8a\xfd" + MASK + b"a" * 125) * 1000,
}


async def test_a_flood_is_told_4429_and_cut_off(caplog):
    async with opened_door() as server, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client(server)) for _ in FLOODS]
        for one, flood in zip(clients, FLOODS.values(), strict=True):
            one.send(SOCKET + END)
            assert (await one.answer())[0] == 101
            one.send(flood)
        for one, name in zip(clients, FLOODS, strict=True):
            assert TOO_MANY in await one.rest(), name
    assert [line for line in log_of(caplog) if "sent too much" in line] == [
        "Sockets that sent too much, from 127.0.0.1"
    ]


async def test_a_flood_before_the_handshake_is_answered_is_cut_off():
    async with opened_door() as server, client(server) as one:
        one.send(SOCKET.replace(b"GET /", b"GET /never/") + END + PONG * 10_000)
        await one.rest()
        await until(lambda: len(server.connections) == 0, "its place is free")


async def test_sockets_with_all_that_is_allowed_stay_open():
    async with opened_door() as server, AsyncExitStack() as stack:
        for _ in range(3):
            one = await stack.enter_async_context(client(server))
            one.send(SOCKET + END)
            assert (await one.answer())[0] == 101
            one.send((b"\x81\xfe\x10\x00" + MASK + b"a" * 4096) * 5 + PONG * 20 + PING)
            async with asyncio.timeout(10):
                assert await one.reader.readexactly(2) == b"\x8a\0"
