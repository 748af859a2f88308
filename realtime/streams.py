"""`GET /api/v1/stream` and `/api/v1/orgs/<slug>/stream`: what the two sockets carry, as text/event-stream.

An ASGI application beside Django, so that no thread waits for a stream. Order of checks: method, Accept, Origin, how
often the address has tried, who asks, the organization, membership, room. A refusal is a status of its own, with a
problem document.
"""

import logging
import re
import time
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qs

from django.conf import settings
from django.http.request import MediaType

from base.asgi import Application, Channel, Scope
from base.correlation import current_request_id
from base.figures import counter
from base.problems import told_early
from realtime import codes, connecting, handshakes
from realtime.auth import brings_a_token, credentials_of
from realtime.event_stream import CONTENT_TYPE
from realtime.hub import get_hub
from realtime.joining import go_live, join
from realtime.origin import is_of_ours, may_read
from realtime.reader import Reader
from realtime.reads import Connected, Handshake, Refused
from realtime.stream_wire import SendStream, first_words, stream_wire_of
from tokens.authentication import NO_GOOD, BadToken

logger = logging.getLogger(__name__)

PATH = re.compile(rf"{re.escape(settings.PATH_PREFIX)}/api/v1/(?:orgs/([-\w]+)/)?stream", re.ASCII)
METHODS = "GET, HEAD, OPTIONS"
MOST_RANGES = 32  # of an Accept that are read: this is before anybody is asked who they are

CLOSES = counter("stream_closes", "Streams that ended, refused ones too, by close code.", ["code"])

Headers = list[tuple[bytes, bytes]]


class Problem(NamedTuple):
    status: int
    code: str
    detail: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


CLOSE = (b"connection", b"close")  # what else comes is read by nobody
WRONG_METHOD = Problem(
    405, "wrong_method", "A stream is read, by GET.", ((b"allow", METHODS.encode()), CLOSE)
)
NOT_ACCEPTABLE = Problem(406, "not_acceptable", f"This address has {CONTENT_TYPE} alone. Name it in Accept.")
WITH_A_BODY = Problem(400, "invalid", "A stream takes no body. Ask without one.", (CLOSE,))
FOREIGN_ORIGIN = Problem(
    403,
    "foreign_origin",
    "A page of another site may not read this. Name its origin in CSRF_TRUSTED_ORIGINS, or use a token.",
)
REFUSALS = {
    codes.SIGNED_OUT: Problem(
        401,
        "signed_out",
        "Sign in first, or send a token: Authorization: Bearer crl_...",
        ((b"www-authenticate", b"Bearer"),),
    ),
    codes.NOT_A_MEMBER: Problem(404, "not_found", "There is nothing here, or you do not have access to it."),
    codes.TOO_MANY: Problem(
        429,
        "too_many",
        "Too many streams and sockets at once, or too many tries. Close some, wait, then come back.",
        ((b"retry-after", b"30"),),
    ),
    codes.FAILED: Problem(
        503,
        "unavailable",
        "The database is away. Nothing is lost: try again soon.",
        ((b"retry-after", b"5"),),
    ),
}
REFUSALS[codes.NO_SUCH_ORGANIZATION] = REFUSALS[codes.NOT_A_MEMBER]
BAD_TOKEN = Problem(
    401,
    BadToken.code,
    NO_GOOD,
    tuple((name.lower().encode(), value.encode()) for name, value in BadToken.headers.items()),
)
OUT_OF_SCOPE = Problem(
    403,
    "insufficient_scope",
    "This token lacks the scope of this stream: 'inbox', or 'read' for an organization's.",
)


def streaming(application: Application) -> Application:
    """Answer the streams' addresses, and leave all others to the application."""

    async def call(scope: Scope, receive: Channel, send: Channel) -> None:
        found = PATH.fullmatch(scope["path"])
        if found is None:
            await application(scope, receive, send)
        else:
            await Stream(scope, receive, send).answer(found[1])

    return call


def end_streams() -> None:
    """End those that a server of another make would wait for. Ours ends its own once nobody new can come to it."""
    for reader in get_hub().readers():
        if isinstance(reader.wire, SendStream):
            reader.close(codes.GOING_AWAY)


class Stream:
    def __init__(self, scope: Scope, receive: Channel, send: Channel) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        self._method: str = scope["method"]

    async def answer(self, slug: str | None) -> None:
        objection = self._objection()
        if objection is not None:
            await self._refuse(objection)
        elif self._method == "OPTIONS":
            await self._begin(204, [(b"allow", METHODS.encode()), (b"content-length", b"0")])
            await self._send({"type": "http.response.body", "body": b""})
        else:
            await self._answer(Handshake(credentials_of(self._scope), slug, self._after()))

    def _objection(self) -> Problem | None:
        if self._method not in ("GET", "HEAD", "OPTIONS"):
            return WRONG_METHOD
        if self._method != "OPTIONS" and not accepts(self._headers.get(b"accept", "")):
            return NOT_ACCEPTABLE
        if self._headers.get(b"content-length", "0") != "0" or b"transfer-encoding" in self._headers:
            return WITH_A_BODY
        return None if may_read(self._scope) else FOREIGN_ORIGIN

    def _after(self) -> str | None:
        """Find the cursor to go on from: a browser that comes back says it in the header, and keeps the address."""
        asked = parse_qs(self._scope.get("query_string", b"").decode("latin-1"))
        return self._headers.get(b"last-event-id") or asked.get("after", [""])[-1] or None

    async def _answer(self, handshake: Handshake) -> None:
        ended, began = codes.GONE, time.monotonic()
        joined: tuple[Reader, Connected] | None = None
        wire = stream_wire_of(self._scope, self._receive, self._send)
        try:
            try:
                with handshakes.counted_handshake(self._scope):
                    if self._method == "HEAD":
                        await connecting.read(handshake)
                    else:
                        joined = await join(handshake, wire)
            except Refused as refused:
                ended = refused.code
                await self._refuse(self._why(refused))
                return
            await self._begin(200, EVENT_STREAM)
            if joined is None:
                await self._send({"type": "http.response.body", "body": b""})
                return
            self._scope["headers"].clear()  # perhaps a token: nobody needs it any more
            self._headers.clear()
            await self._send({"type": "http.response.body", "body": first_words(), "more_body": True})
            wire.begun()
            await go_live(wire, *joined, began)
            ended = (await wire.receive()).get("code", codes.GONE)
        except OSError:
            logger.debug("A client went while we were writing to it")
        finally:
            if joined is not None:
                get_hub().leave(joined[0])
                ended = joined[0].close_code or ended
            CLOSES.labels(str(ended)).inc()

    def _why(self, refused: Refused) -> Problem:
        if refused.is_of_scope:
            return OUT_OF_SCOPE
        if refused.code == codes.SIGNED_OUT and brings_a_token(self._scope):
            return BAD_TOKEN
        return REFUSALS.get(refused.code, REFUSALS[codes.FAILED])

    async def _refuse(self, problem: Problem) -> None:
        kind, body = told_early(self._scope["path"], problem.status, problem.code, problem.detail)
        length = (b"content-length", str(len(body)).encode())
        await self._begin(problem.status, [(b"content-type", kind), length, *problem.headers])
        await self._send({"type": "http.response.body", "body": b"" if self._method == "HEAD" else body})

    async def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        every = [
            *headers,
            *ALWAYS,
            (b"x-request-id", current_request_id().encode()),
            *self._for_other_sites(),
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": every})

    def _for_other_sites(self) -> Headers:
        """Let a page of a trusted origin read what its own browser would hide from it."""
        origin = self._headers.get(b"origin")
        if not origin or not is_of_ours(self._scope):
            return []
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", METHODS.encode()),
            (b"access-control-allow-headers", b"authorization, last-event-id"),
            (b"access-control-expose-headers", b"x-request-id"),
        ]


EVENT_STREAM: Headers = [(b"content-type", f"{CONTENT_TYPE}; charset=utf-8".encode())]
ALWAYS: Headers = [
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Accept, Authorization, Cookie, Origin"),
]


def accepts(header: str) -> bool:
    """Say whether a list in Accept has room for an event-stream. The most specific range counts."""
    ranges = [MediaType(part) for part in header.split(",", MOST_RANGES)[:MOST_RANGES] if part.strip()]
    fitting = [each for each in ranges if each.match(CONTENT_TYPE)]
    if not ranges:
        return True
    return bool(fitting) and max(fitting, key=lambda each: each.specificity).quality > 0
