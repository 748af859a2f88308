"""The two sockets. Both answer `ping` and change nothing. docs/protocol.md has the frames."""

import logging
import time
from typing import Any
from urllib.parse import parse_qs

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer

from base.figures import counter
from realtime import codes, handshakes
from realtime.auth import credentials_of, subprotocol_of
from realtime.batch import Batch, one_frame
from realtime.frames import Complaint, ErrorFrame, Pong
from realtime.hub import get_hub
from realtime.joining import go_live, join
from realtime.reader import Reader
from realtime.reads import Connected, Handshake, Refused
from realtime.refused_handshakes import reason_for, refuse_handshake
from realtime.throttle import Throttle
from realtime.wire import wire_of

logger = logging.getLogger(__name__)

KNOWN_CODES = {1000, 1001, 1005} | {code for name, code in vars(codes).items() if name.isupper()}

CLOSES = counter("socket_closes", "Sockets that ended, refused ones too, by close code.", ["code"])


class NotificationsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """What both sockets share. It takes no channel of the layer: the hub has one for all."""

    reader: Reader | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        self.wire = wire_of(scope, receive, send)
        self.ended = codes.GONE
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
            await refuse_handshake(self.base_send, refused.code, reason_for(refused))
            return False
        await self.accept(subprotocol_of(self.scope))
        assert self.reader is not None  # noqa: S101
        await go_live(self.wire, self.reader, connected, began)
        return True

    async def _join(self) -> Connected:
        asked = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        slug = self.scope["url_route"]["kwargs"].get("org_slug")
        handshake = Handshake(credentials_of(self.scope), slug, asked.get("after", [None])[-1])
        self.reader, connected = await join(handshake, self.wire)
        return connected

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
        self.ended = message.get("code", codes.GONE)


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
