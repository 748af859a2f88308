"""The two sockets. A consumer checks, replays and then hands over to its reader; it reads no database live.

Both answer `ping` and change nothing. docs/protocol.md has the frames.
"""

import asyncio
import logging
import random
import time
from typing import Any
from urllib.parse import parse_qs

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer

from inbox.services import unread_frame
from inbox.standing import joined_cursors, total_unread
from realtime import codes, connecting
from realtime.auth import session_key_of
from realtime.hub import get_hub
from realtime.reader import Reader
from realtime.reads import Connected, Handshake, Refused
from realtime.ring import encode
from realtime.throttle import Throttle

logger = logging.getLogger(__name__)

OLDEST = 8 * 3600, 12 * 3600  # seconds that a socket lives: spread, so that not all come back at once
JOIN_TRIES = 10

PONG = encode({"type": "pong"}).decode()


class NotificationsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """What both sockets share. It takes no channel of the layer: the hub has one for all."""

    org_id: int | None = None
    reader: Reader | None = None

    async def read(self, session_key: str | None, after: str | None) -> Connected:
        raise NotImplementedError

    def welcome(self, connected: Connected) -> dict[str, Any]:
        raise NotImplementedError

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        try:
            await receive()  # websocket.connect
            await self._live(receive)
        except OSError:
            logger.debug("A client went while we were writing to it")
        except Exception:
            logger.exception("A socket failed")
            await self.close(code=codes.FAILED)
        finally:
            if self.reader is not None:
                get_hub().leave(self.reader)

    async def _live(self, receive: Any) -> None:
        try:
            connected = await self._join()
        except Refused as refused:
            await self.close(code=refused.code)
            return
        await self.accept()
        await self.send(text_data=encode(self.welcome(connected)).decode())
        for text in connected.replay.texts:
            await self.send(text_data=text.decode())
        assert self.reader is not None  # noqa: S101
        writing = asyncio.create_task(self.reader.run())
        listening = asyncio.create_task(self._listen(receive, self.reader))
        age = random.uniform(*OLDEST)  # noqa: S311
        retirement = asyncio.get_running_loop().call_later(age, self.reader.close, codes.TOO_OLD)
        try:
            await asyncio.wait({writing, listening}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()  # the client went, or our answer to it failed
            else:
                await self.close(code=writing.result())
        finally:
            retirement.cancel()
            writing.cancel()
            listening.cancel()
            await asyncio.gather(writing, listening, return_exceptions=True)

    async def _join(self) -> Connected:
        """Read, then follow the rings from where the read ended; once more when they have moved too far on."""
        session_key = session_key_of(self.scope)
        after = parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get("after", [None])[-1]
        hub = get_hub()
        for _ in range(JOIN_TRIES):
            connected = await self.read(session_key, after)
            if not hub.has_room(connected.user_id):
                raise Refused(codes.TOO_MANY)
            self.reader = Reader(connected.user_id, session_key or "", self.org_id, self._send_text)
            if hub.join(self.reader, connected.places):
                await hub.settle()
                return connected
        raise Refused(codes.FAILED)

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def _listen(self, receive: Any, reader: Reader) -> None:
        throttle = Throttle()
        while (message := await receive())["type"] == "websocket.receive":
            if throttle.allows(time.monotonic()):
                reader.control(answer(message.get("text")))
            else:
                reader.control(
                    error_frame("rate_limited", "At most 5 messages a minute. Connect again later.")
                )
                reader.close(codes.TOO_MANY)


class OrgNotificationsConsumer(NotificationsConsumer):
    """`/ws/orgs/<slug>/notifications/`: every event of one organization, each with what it means to this user."""

    async def read(self, session_key: str | None, after: str | None) -> Connected:
        slug = self.scope["url_route"]["kwargs"]["org_slug"]
        connected = await connecting.read(Handshake(session_key, slug, after))
        self.org_id = connected.places[0].org_id
        return connected

    def welcome(self, connected: Connected) -> dict[str, Any]:
        place = connected.places[0]
        return {
            "type": "welcome",
            "user_id": connected.user_id,
            "org": {"id": place.org_id, "slug": place.slug},
            "unread": place.unread,
            "cursor": str(place.cursor),
            "replay": connected.replay.summary(),
        }


class UserNotificationsConsumer(NotificationsConsumer):
    """`/ws/users/me/notifications/`: what is addressed to this user, over all their organizations."""

    async def read(self, session_key: str | None, after: str | None) -> Connected:
        return await connecting.read(Handshake(session_key, None, after))

    def welcome(self, connected: Connected) -> dict[str, Any]:
        return {
            "type": "welcome",
            "user_id": connected.user_id,
            "orgs": [
                {"id": place.org_id, "slug": place.slug, "name": place.name, "unread": place.unread}
                for place in connected.places
            ],
            "unread": total_unread(connected.places),
            "at": unread_frame(connected.places)["at"],
            "cursor": joined_cursors(connected.places),
            "replay": connected.replay.summary(),
        }


def answer(text: str | None) -> str:
    """The frame that answers one client message."""
    try:
        message = msgspec.json.decode(text or b"")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return error_frame("bad_message", 'Send JSON text, such as {"type": "ping"}.')
    if not isinstance(message, dict):
        return error_frame("bad_message", 'Send a JSON object with a type, such as {"type": "ping"}.')
    if message.get("type") == "ping":
        return PONG
    return error_frame("unknown_message", "Unknown message type. This socket knows only ping.")


def error_frame(code: str, message: str) -> str:
    return encode({"type": "error", "error": {"code": code, "message": message}}).decode()
