"""How large a request's body may be. Here, so that it holds under every server, and before Django, which would write a
large body to disk before anybody looks at it."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from base.correlation import current_request_id
from config.requests import HEADER, Application, Channel, Scope
from realtime.http_limits import BODY_BYTES
from realtime.refusals import refused

DRAINED_BYTES = 4 * BODY_BYTES  # that a client may still send before it has to read the answer
DRAINED_SECONDS = 2.0
WORDS = f"This request is too large: at most {BODY_BYTES // 1024**2} MiB."


def bounded(application: Application) -> Application:
    """Answer 413 to a body that says that it is too large, and to one that turns out to be."""

    async def call(scope: Scope, receive: Channel, send: Channel) -> None:
        body = Body(receive, _declared(scope))
        if not body.is_too_large:
            await application(scope, body.receive, send)
        if body.is_too_large:
            await _refuse(scope, receive, send)

    return call


class Body:
    """Counts what the application reads. To one that reads too much it says that the client has gone."""

    def __init__(self, receive: Channel, declared: int) -> None:
        self._receive, self._read = receive, 0
        self.is_too_large = declared > BODY_BYTES

    async def receive(self) -> Any:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        self.is_too_large = self._read > BODY_BYTES
        return {"type": "http.disconnect"} if self.is_too_large else message


def _declared(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(length) for length in lengths if length.isdigit()), default=0)


async def _refuse(scope: Scope, receive: Channel, send: Channel) -> None:
    """Send the whole answer first. Only then take what is still coming, for a while: a connection that is closed with
    something unread is reset, and the client might never see why."""
    refused("Requests whose body is too large,", f"from {scope['client'][0]}" if scope.get("client") else "")
    content_type, body = _words_for(scope["path"])
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (HEADER.lower().encode(), current_request_id().encode()),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_SECONDS):
            await _drain(receive)
    await send({"type": "http.response.body", "body": b""})


def _words_for(path: str) -> tuple[bytes, bytes]:
    if path.startswith("/api/"):
        return b"application/json", json.dumps({"error": {"code": "too_large", "message": WORDS}}).encode()
    return b"text/plain; charset=utf-8", f"{WORDS}\n".encode()


async def _drain(receive: Channel) -> None:
    left = DRAINED_BYTES
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return
