"""How large a body may be: at the ASGI application itself, as any server would call it, and over the network."""

import asyncio
import json
import tempfile
from urllib.parse import urlencode

import pytest

from config.asgi import application
from config.bodies import DRAINED_BYTES, UPLOAD_BYTES, UPLOAD_PATH, UPLOADS_AT_ONCE, bounded
from config.logs import ClientFault
from realtime.http_limits import BODY_BYTES
from tests.realtime.door import Client

PATHS = ["/accounts/login/", "/healthz", "/nowhere/", "/static/css/base.css", "/orgs/acme/tasks/"]


class Asked:
    """One request to the application, without a server: what it read, and what it answered."""

    def __init__(self, path="/accounts/login/", length=None, chunk=b"a" * 65536, chunks=0):
        headers = [(b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded")]
        if length is not None:
            headers.append((b"content-length", str(length).encode()))
        self.scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
        self.scope |= {"client": ("192.0.2.1", 1), "http_version": "1.1", "scheme": "http"}
        self.left, self.chunk = chunks, chunk
        self.read, self.sent = 0, []

    async def receive(self):
        if not self.left:
            await asyncio.Event().wait()  # the client waits too
        self.left -= 1
        self.read += len(self.chunk)
        return {"type": "http.request", "body": self.chunk, "more_body": self.left > 0}

    async def send(self, message):
        self.sent.append(message)

    async def __call__(self):
        await application(self.scope, self.receive, self.send)
        return self

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:])


@pytest.fixture(autouse=True)
def no_disk(monkeypatch):
    """A body that leaves memory is a defect."""

    def rollover(*_):
        raise AssertionError("it is written to disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rollover)


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_says_so_is_refused_before_it_is_read(path):
    asked = Asked(path, BODY_BYTES + 1, chunks=1)
    asked.left = 1
    answered = await asked()
    assert (answered.status, answered.body) == (413, b"This request is too large: at most 1 MiB.\n")
    assert answered.headers[b"connection"] == b"close"
    assert len(answered.headers[b"x-request-id"]) == 32


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(path):
    chunks = BODY_BYTES // 65536 + 3
    assert (await Asked(path, chunks=chunks)()).status == 413


async def test_the_rest_is_not_read_for_ever():
    asked = await Asked(chunks=10 * DRAINED_BYTES // 65536)()
    assert asked.status == 413
    assert asked.read <= BODY_BYTES + DRAINED_BYTES + 65536


async def test_the_twins_answer_in_json():
    asked = await Asked("/api/users/me/notifications/", BODY_BYTES * 200, chunks=1)()
    assert (asked.status, asked.headers[b"content-type"]) == (413, b"application/problem+json")
    assert json.loads(asked.body)["error"]["code"] == "too_large"


@pytest.mark.parametrize("length", [BODY_BYTES, None])
async def test_a_body_as_large_as_may_be_is_read(length):
    asked = await Asked(length=length, chunks=BODY_BYTES // 65536)()
    assert asked.status == 403, "a form without its token"


@pytest.mark.parametrize("length", [UPLOAD_BYTES, None])
async def test_a_picture_is_read_up_to_its_own_bound(length):
    asked = await Asked(UPLOAD_PATH, length, chunks=UPLOAD_BYTES // 65536)()
    assert asked.status == 403, "a form without its token"


@pytest.mark.parametrize("length", [UPLOAD_BYTES + 1, None])
async def test_and_no_further(length):
    asked = await Asked(UPLOAD_PATH, length, chunks=UPLOAD_BYTES // 65536 + 2)()
    assert (asked.status, asked.body) == (413, b"This request is too large: at most 5 MiB.\n")


@pytest.mark.parametrize("path", ["/accounts/profile/", f"{UPLOAD_PATH}remove/", f"/x{UPLOAD_PATH}"])
async def test_no_address_beside_it_takes_more_than_others(path):
    assert (await Asked(path, BODY_BYTES + 1)()).status == 413


async def test_so_many_pictures_are_read_at_a_time():
    reading, may_end = asyncio.Semaphore(0), asyncio.Event()

    async def reads(*_):
        reading.release()
        await may_end.wait()

    ask = bounded(reads)
    asked = [Asked(UPLOAD_PATH) for _ in range(UPLOADS_AT_ONCE + 1)]
    tasks = [asyncio.create_task(ask(each.scope, each.receive, each.send)) for each in asked]
    for _ in range(UPLOADS_AT_ONCE):
        await asyncio.wait_for(reading.acquire(), 30)
    assert reading.locked(), "the last one waits"
    may_end.set()
    await asyncio.wait_for(reading.acquire(), 30)
    await asyncio.gather(*tasks)


def test_the_longest_description_fits():
    assert len(urlencode({"description": "\N{BELL}" * 20_000})) < BODY_BYTES / 4


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
PART = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"&".join(b"a=b" for _ in range(2000))),
        (PARTS, PART * 2000 + b"--x--\r\n"),
        (PARTS, PART.replace(b"=a", b"=a; filename=b") * 200 + b"--x--\r\n"),
        ("multipart/form-data", PART),
        (f"{FORM}; charset=utf-16", b"a=b"),
    ],
    ids=["fields", "parts", "files", "no boundary", "charset"],
)
def test_a_form_that_cannot_be_meant_is_answered_with_400_and_a_line(client, caplog, kind, body):
    assert client.post("/accounts/login/", body, content_type=kind).status_code == 400
    assert caplog.records
    assert all(ClientFault().filter(record) and not record.exc_info for record in caplog.records)


async def sent_without_end(port: int, head: bytes) -> int:
    """A client that sends for as long as it can, and reads only then."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    one = Client(reader, writer)
    one.send(b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n")
    for _ in range(40):
        one.send(b"10000\r\n" + b"a" * 65536 + b"\r\n")
    status, _ = await one.answer()
    await one.rest()
    writer.transport.abort()
    return status


async def test_over_the_network_the_answer_comes_and_the_connection_ends(server):
    heads = (b"Content-Length: 209715200", b"Transfer-Encoding: chunked")
    assert await asyncio.gather(*(sent_without_end(server.port, head) for head in heads)) == [413, 413]
