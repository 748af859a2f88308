"""Clients for tests: one in this process, one over the network."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.testing import WebsocketCommunicator
from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect

from config.asgi import application
from orgs.models import User
from tests.tasks.acme import signed_in
from tests.waiting import LIMIT
from tests.words import checked_frame

# Seconds in which a server has stopped, whatever clients do: 11 where it has the machine to itself.
GONE = 11 + 20


def session_cookie(user: User) -> str:
    """`sessionid=...` of a session of its own."""
    client = signed_in(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def org_path(slug: str, after: str | None = None) -> str:
    return f"/ws/orgs/{slug}/notifications/" + (f"?after={after}" if after else "")


def user_path(after: str | None = None) -> str:
    return "/ws/users/me/notifications/" + (f"?after={after}" if after else "")


class Socket(WebsocketCommunicator):
    """A client in this process."""

    def __init__(self, path: str, cookie: str = "", origin: str = "http://testserver") -> None:
        self.path = path
        headers = [(b"origin", origin.encode()), (b"cookie", cookie.encode())]
        super().__init__(application, path, headers=headers)

    async def connect(self) -> tuple[bool, int | str | None]:
        return await super().connect(LIMIT)

    async def disconnect(self) -> None:
        await super().disconnect(timeout=LIMIT)

    async def frame(self) -> dict[str, Any]:
        return checked_frame(self.path, await self.receive_json_from(timeout=LIMIT))

    async def closed(self) -> int:
        """Its close code. Nothing else may come before."""
        return (await self.receive_output(LIMIT))["code"]


@asynccontextmanager
async def opened(path: str, cookie: str) -> AsyncIterator[Socket]:
    """An accepted socket in this process; the welcome frame is still to be read."""
    socket = Socket(path, cookie)
    accepted, code = await socket.connect()
    assert accepted, code
    try:
        yield socket
    finally:
        await socket.disconnect()


def dial(base: str, path: str, cookie: str = "", forwarded_for: str = "", **options: Any) -> connect:
    """A connection over the network, with the headers that a browser sends, or a proxy for a client elsewhere."""
    headers = {"Cookie": cookie} | ({"X-Forwarded-For": forwarded_for} if forwarded_for else {})
    origin = base.replace("ws://", "http://")
    return connect(
        base + path, origin=origin, additional_headers=headers, **{"open_timeout": LIMIT, **options}
    )


def raw_handshake(port: int, cookie: str, after: str | None = None) -> bytes:
    """What a client without a library sends to follow Acme's log."""
    lines = (
        f"GET {org_path('acme', after)} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        f"Cookie: {cookie}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    )
    return "\r\n".join([*lines, "", ""]).encode()


async def frame_from(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT):
        return checked_frame(connection.request.path, json.loads(await connection.recv()))


async def event_frames(connection: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next `count` task events, whatever else comes between."""
    frames: list[dict[str, Any]] = []
    while len(frames) < count:
        frame = await frame_from(connection)
        if frame["type"] == "task_event":
            frames.append(frame)
    return frames
