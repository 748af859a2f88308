"""Clients of streams for tests: bytes over a connection, read as the standard says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from tests.waiting import LIMIT


class Event(NamedTuple):
    id: str
    name: str
    data: Any


class Stream:
    """One answer under way. `raw` is what has come, without what HTTP puts around it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self.status, self.headers, self.last_id = 0, dict[str, str](), ""
        self.comments, self.retry = 0, 0

    async def begin(self) -> None:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.status = int(head[0].split()[1])
        self.headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }

    async def body(self) -> bytes:
        """The whole of a short answer."""
        return await self._reader.readexactly(int(self.headers["content-length"]))

    async def _block(self) -> list[str] | None:
        """The lines up to an empty one; None at the end."""
        if self.headers.get("transfer-encoding") == "chunked":
            while b"\n\n" not in self._pending:
                size = int(await self._reader.readline(), 16)
                self._pending += await self._reader.readexactly(size)
                await self._reader.readexactly(2)
                if not size:
                    return None
            block, _, self._pending = self._pending.partition(b"\n\n")
            return block.decode().split("\n")
        try:
            return (await self._reader.readuntil(b"\n\n")).decode()[:-2].split("\n")
        except asyncio.IncompleteReadError:
            return None

    _pending = b""

    async def event(self) -> Event | None:
        """The next one; None when the answer has ended."""
        async with asyncio.timeout(LIMIT):
            while (lines := await self._block()) is not None:
                fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
                self.comments += sum(line.startswith(":") for line in lines)
                self.retry = int(fields.get("retry", self.retry))
                self.last_id = fields.get("id", self.last_id)
                if "data" in fields:
                    data = json.loads(fields["data"])
                    return Event(fields.get("id", ""), fields.get("event", "message"), data)
        return None

    async def log_events(self, count: int) -> list[Event]:
        found: list[Event] = []
        while len(found) < count:
            event = await self.event()
            assert event, "it has ended"
            if event.name in ("task_event", "event"):
                found.append(event)
        return found


def request(path: str, port: int, *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    head = [f"{method} {path} HTTP/{version}", f"Host: 127.0.0.1:{port}", *lines]
    return "\r\n".join([*head, "", ""]).encode()


@asynccontextmanager
async def streamed(server: Any, path: str, *lines: str, **how: str) -> AsyncIterator[Stream]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2**22)
    stream = Stream(reader, writer)
    try:
        writer.write(request(path, server.port, *lines, **how))
        async with asyncio.timeout(LIMIT):
            await stream.begin()
        yield stream
    finally:
        writer.transport.abort()
