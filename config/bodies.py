"""How large a request's body may be. Here, so that it holds under every server, and before Django, which would write a
large body to disk before anybody looks at it."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Any

from django.conf import settings

from accounts.pictures import MOST_BYTES
from base.asgi import Application, Channel, Scope
from base.correlation import current_request_id
from base.problems import told_early
from config.requests import HEADER
from realtime.http_limits import BODY_BYTES
from realtime.refusals import refused

DRAINED_BYTES = 4 * BODY_BYTES  # that a client may still send before it has to read the answer
DRAINED_SECONDS = 2.0
# The one address that takes more, a picture within its form, and how many of these a process reads at a time.
UPLOAD_PATH = f"{settings.PATH_PREFIX}/accounts/profile/picture/"
UPLOAD_BYTES = MOST_BYTES + 64 * 1024
UPLOADS_AT_ONCE = 16


def bounded(application: Application) -> Application:
    """Answer 413 to a body that says that it is too large, and to one that turns out to be."""

    uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def call(scope: Scope, receive: Channel, send: Channel) -> None:
        is_upload = scope["path"] == UPLOAD_PATH
        body = Body(receive, _declared(scope), UPLOAD_BYTES if is_upload else BODY_BYTES)
        if not body.is_too_large:
            async with AsyncExitStack() as turn:
                if is_upload:
                    await turn.enter_async_context(uploads)
                await application(scope, body.receive, send)
        if body.is_too_large:
            await _refuse(scope, receive, send, body.most)

    return call


class Body:
    """Counts what the application reads. To one that reads too much it says that the client has gone."""

    def __init__(self, receive: Channel, declared: int, most: int) -> None:
        self._receive, self._read, self.most = receive, 0, most
        self.is_too_large = declared > most

    async def receive(self) -> Any:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        self.is_too_large = self._read > self.most
        return {"type": "http.disconnect"} if self.is_too_large else message


def _declared(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(length) for length in lengths if length.isdigit()), default=0)


async def _refuse(scope: Scope, receive: Channel, send: Channel, most: int) -> None:
    """Send the whole answer first. Only then take what is still coming, for a while: a connection that is closed with
    something unread is reset, and the client might never see why."""
    refused("Requests whose body is too large,", f"from {scope['client'][0]}" if scope.get("client") else "")
    words = f"This request is too large: at most {most // 1024**2} MiB."
    content_type, body = told_early(scope["path"], 413, "too_large", words)
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


async def _drain(receive: Channel) -> None:
    left = DRAINED_BYTES
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return
