"""A server within a test: our listener and protocols under asyncio, an application of a few lines behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from realtime import door, refusals
from realtime.http_protocol import HttpProtocol
from realtime.listener import Limits, Listener, open_port
from realtime.protocol import FrameProtocol
from tests.waiting import LIMIT, until

PLENTY = Limits(1000, 1000, [])


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers with the length of the body; accepts every socket, or none under /never/."""
    if scope["type"] == "websocket":
        await receive()
        if scope["path"] != "/never/":
            await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message["body"]), message["more_body"]
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def opened_door(limits: Limits = PLENTY, host: str = "127.0.0.1") -> AsyncIterator[SimpleNamespace]:
    """`host` and `port`; `protocols`, as they are made; `late(seconds)` does what is due by then."""
    own = door._door
    refusals._refusals._unsaid.clear()  # each test's log has its own minutes
    door._door = door.Door()
    config = uvicorn.Config(echo, lifespan="off", log_config=None, ws=FrameProtocol, ws_max_size=4096)
    config.load()
    state, protocols = ServerState(), []

    def make() -> HttpProtocol:
        protocols.append(HttpProtocol(config=config, server_state=state, app_state={}))
        return protocols[-1]

    loop = asyncio.get_running_loop()
    bound = open_port(host, 0)
    listener = Listener(limits, bound.family, bound.detach())
    server = await loop.create_server(make, sock=listener)
    connections = door._door.connections

    try:
        yield SimpleNamespace(
            host=host,
            port=listener.getsockname()[1],
            listener=listener,
            protocols=protocols,
            connections=connections,
            late=lambda seconds: connections.end_overdue(loop.time() + seconds),
        )
    finally:
        server.close()
        for protocol in list(state.connections):
            protocol.transport.abort()
        await until(lambda: not state.connections and not state.tasks, "all have gone")
        door._door = own


class Client:
    """Bytes in, bytes out."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        async with asyncio.timeout(LIMIT):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            body = await self.reader.readexactly(int(length[0].split(b":")[1]) if length else 0)
        return int(head.split()[1]), body

    async def rest(self) -> bytes:
        """What comes until the server hangs up."""
        async with asyncio.timeout(LIMIT):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@asynccontextmanager
async def client(server: SimpleNamespace) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()
