"""A channel layer on PostgreSQL's LISTEN and NOTIFY, for several processes without Redis. It carries hints only: what
is lost, comes twice or does not fit is read from the database.

All groups share one channel of the database; whoever listens leaves out what is not theirs.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from realtime import installation
from realtime.hint_connection import HintConnection

logger = logging.getLogger(__name__)

CHANNEL = "carillon"
LONGEST = 7_999  # bytes that PostgreSQL takes
ECHO = 3.0  # seconds within which a new listener must hear itself
KEPT = ("type", "org_id", "user_id", installation.KEY)  # of a message that is too long


class Deaf(Exception):
    """What listens hears nothing."""

    def __init__(self) -> None:
        super().__init__(
            "LISTEN hears nothing: through a pooler in transaction mode it cannot,"
            " so set LISTEN_URL to an address past it"
        )


class Ear:
    """One channel: a connection that listens, and the groups that it hears of."""

    def __init__(self, connection: HintConnection) -> None:
        self.groups: set[str] = set()
        self.connection = connection
        self._notices = connection.notifies()

    async def heard(self) -> AsyncIterator[dict[str, Any]]:
        async for notice in self._notices:
            group, _, text = notice.payload.partition(" ")
            if group in self.groups and (message := read(text)) is not None:
                yield message

    async def hears(self, word: str) -> None:
        async for notice in self._notices:
            if notice.payload == word:
                return


class NotifyLayer:
    """What `realtime.subscription` and the broadcast use of a layer of Channels."""

    def __init__(self) -> None:
        self._ears: dict[str, tuple[Ear, AsyncIterator[dict[str, Any]]]] = {}
        self._senders: dict[asyncio.AbstractEventLoop, HintConnection] = {}

    async def new_channel(self, prefix: str = "specific.") -> str:
        """Listen on a connection of its own. Raises Deaf where it hears nothing, and what psycopg raises."""
        connection = await HintConnection.open()
        try:
            await connection.execute(f"LISTEN {CHANNEL}")
            ear = Ear(connection)
            word = secrets.token_hex(8)
            await self._notify(word)
            try:
                async with asyncio.timeout(ECHO):
                    await ear.hears(word)
            except TimeoutError:
                raise Deaf from None
        except BaseException:
            await connection.close()
            raise
        channel = f"{prefix}{word}"
        self._ears[channel] = ear, ear.heard()
        return channel

    async def receive(self, channel: str) -> dict[str, Any]:
        """Wait for the next message. Whatever ends the waiting ends the channel; raises what psycopg raises."""
        ear, heard = self._ears[channel]
        try:
            return await anext(heard)
        except BaseException:
            self._ears.pop(channel, None)
            await ear.connection.close()
            raise

    async def group_add(self, group: str, channel: str) -> None:
        self._ears[channel][0].groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        if channel in self._ears:
            self._ears[channel][0].groups.discard(group)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Tell all processes. One that has not connected yet does; raises what psycopg raises."""
        await self._notify(payload(group, message))

    async def _notify(self, text: str) -> None:
        loop = asyncio.get_running_loop()
        connection = self._senders.get(loop)
        if connection is None or connection.closed:
            self._forget_closed_loops()
            connection = self._senders[loop] = await HintConnection.open()
        try:
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, text))
        except BaseException:
            self._senders.pop(loop, None)
            await connection.close()
            raise

    def _forget_closed_loops(self) -> None:
        self._senders = {loop: each for loop, each in self._senders.items() if not loop.is_closed()}


def read(text: str) -> dict[str, Any] | None:
    """Read what was notified; None where it is none of ours: whoever may connect to the database may notify."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (ValueError, RecursionError):
        return None


def payload(group: str, message: dict[str, Any]) -> str:
    """Write it as PostgreSQL takes it. One that is too long names the log or the user alone, and how far the log has
    come: whoever hears it reads the database."""
    text = f"{group} {msgspec.json.encode(message).decode()}"
    if len(text.encode()) > LONGEST:
        events = message.get("events")
        shortened = {name: message[name] for name in KEPT if name in message}
        if events:
            shortened["position"] = events[-1]["position"]
        text = f"{group} {msgspec.json.encode(shortened).decode()}"
    return text
