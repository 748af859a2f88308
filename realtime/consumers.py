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

from base.figures import counter, histogram
from inbox.frames import encode
from inbox.org_inboxes import counts_by_state, counts_of, joined_cursors
from orgs.frames import Org
from realtime import codes, connecting, handshakes
from realtime.auth import credentials_of, subprotocol_of
from realtime.batch import Batch, one_frame
from realtime.frames import Complaint, ErrorFrame, OrgOfUser, OrgWelcome, Pong, UserWelcome, Welcome
from realtime.hub import get_hub
from realtime.reader import Reader
from realtime.reads import Connected, Handshake, Refused
from realtime.replaying import write_replay
from realtime.throttle import Throttle
from realtime.wire import wire_of
from tokens.bearers import Credential

logger = logging.getLogger(__name__)

OLDEST = 8 * 3600, 12 * 3600  # seconds that a socket lives: spread, so that not all come back at once
JOIN_TRIES = 10
GONE = 1006  # without a close frame
KNOWN_CODES = {1000, 1001, 1005, GONE, 1012} | {code for name, code in vars(codes).items() if name.isupper()}

CLOSES = counter("socket_closes", "Sockets that ended, refused ones too, by close code.", ["code"])
HANDSHAKE = histogram("handshake_seconds", "From a handshake to the live socket, its replay included.")


class NotificationsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """What both sockets share. It takes no channel of the layer: the hub has one for all."""

    org_id: int | None = None
    reader: Reader | None = None

    async def read(self, credential: Credential, after: str | None) -> Connected:
        raise NotImplementedError

    def welcome(self, connected: Connected) -> Welcome:
        raise NotImplementedError

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        self.wire = wire_of(scope, receive, send)
        self.ended = GONE
        try:
            await receive()  # websocket.connect
            if await self._open():
                await self._listen()
        except OSError:
            logger.debug("A client went while we were writing to it")
        except Exception:
            logger.exception("A socket failed")
            self.ended = codes.FAILED
            await self.close(code=codes.FAILED)
        finally:
            if self.reader is not None:
                get_hub().leave(self.reader)
            CLOSES.labels(self._close_code()).inc()

    def _close_code(self) -> str:
        """Give the code that ended it, for the figures: ours, or one of the few that clients are to send."""
        code = (self.reader and self.reader.close_code) or self.ended
        return str(code) if code in KNOWN_CODES else "other"

    async def _open(self) -> bool:
        """Check, replay, go live. What it needed for that is not kept while the socket lives."""
        began = time.monotonic()
        try:
            with handshakes.counted_handshake(self.scope):
                connected = await self._join()
        except Refused as refused:
            self.ended = refused.code
            await self.close(code=refused.code)
            return False
        await self.accept(subprotocol_of(self.scope))
        assert self.reader is not None  # noqa: S101
        await write_replay(self.wire, self.reader, connected, encode(self.welcome(connected)))
        self.wire.opened()
        self.reader.retires_at = asyncio.get_running_loop().time() + random.uniform(*OLDEST)  # noqa: S311
        self.reader.start()
        HANDSHAKE.observe(time.monotonic() - began)
        return True

    async def _join(self) -> Connected:
        """Read, then follow the rings from where the read ended; once more when they have moved too far on."""
        credential = credentials_of(self.scope)
        if credential is None:
            raise Refused(codes.SIGNED_OUT)
        after = parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get("after", [None])[-1]
        hub = get_hub()
        for _ in range(JOIN_TRIES):
            connected = await self.read(credential, after)
            if not hub.has_room(connected.user_id):
                raise Refused(codes.TOO_MANY)
            self.reader = Reader(connected.user_id, credential, self.org_id, self.wire, connected.only)
            if hub.join(self.reader, connected.places):
                await hub.settle()
                return connected
        raise Refused(codes.FAILED)

    async def _listen(self) -> None:
        reader, throttle = self.reader, None
        assert reader is not None  # noqa: S101
        while (message := await self.wire.receive())["type"] == "websocket.receive":
            throttle = throttle or Throttle()  # most sockets say little: what nobody needs costs no memory
            if throttle.allows(time.monotonic()):
                reader.control(answer(message.get("text")))
            else:
                reader.control(RATE_LIMITED)
                reader.close(codes.TOO_MANY)
        self.ended = message.get("code", GONE)


class OrgNotificationsConsumer(NotificationsConsumer):
    """`/ws/orgs/<slug>/notifications/`: every event of one organization, each with what it means to this user."""

    async def read(self, credential: Credential, after: str | None) -> Connected:
        slug = self.scope["url_route"]["kwargs"]["org_slug"]
        connected = await connecting.read(Handshake(credential, slug, after))
        self.org_id = connected.places[0].org_id
        return connected

    def welcome(self, connected: Connected) -> OrgWelcome:
        place = connected.places[0]
        return OrgWelcome(
            user_id=connected.user_id,
            org=Org(place.org_id, place.slug),
            unread=place.unread,
            counts=counts_by_state([place]),
            revision=place.revision,
            cursor=str(place.cursor),
            replay=connected.replay.summary(),
        )


class UserNotificationsConsumer(NotificationsConsumer):
    """`/ws/users/me/notifications/`: what is addressed to this user, over all their organizations."""

    async def read(self, credential: Credential, after: str | None) -> Connected:
        return await connecting.read(Handshake(credential, None, after))

    def welcome(self, connected: Connected) -> UserWelcome:
        counts = counts_of(connected.places)
        return UserWelcome(
            user_id=connected.user_id,
            orgs=[
                OrgOfUser(place.org_id, place.slug, place.name, place.unread) for place in connected.places
            ],
            unread=counts.unread.total,
            counts=counts_by_state(connected.places),
            at=counts.at,
            revision=counts.revision,
            cursor=joined_cursors(connected.places),
            replay=connected.replay.summary(),
        )


def error_frame(code: str, message: str) -> Batch:
    return one_frame(ErrorFrame(Complaint(code, message)))


PONG = one_frame(Pong())
RATE_LIMITED = error_frame("rate_limited", "At most 5 messages a minute. Connect again later.")


def answer(text: str | None) -> Batch:
    """Make the frame that answers one client message."""
    try:
        message = msgspec.json.decode(text or b"")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return error_frame("bad_message", 'Send JSON text, such as {"type": "ping"}.')
    if not isinstance(message, dict):
        return error_frame("bad_message", 'Send a JSON object with a type, such as {"type": "ping"}.')
    if message.get("type") == "ping":
        return PONG
    return error_frame("unknown_message", "Unknown message type. This socket knows only ping.")
