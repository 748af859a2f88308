"""uvicorn's HTTP protocol, for whom a request has to come in time and a refused one is answered.

HTTP itself stays h11's and uvicorn's; sockets begin here, with a head that has the same limits.
"""

from __future__ import annotations

import asyncio
import uuid
from contextvars import Context
from typing import TYPE_CHECKING, Any, cast

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from base.correlation import request_context
from base.problems import told_early
from realtime.codes import GOING_AWAY
from realtime.door import HEAD_SECONDS, get_door
from realtime.http_limits import BAD, TOO_LATE, BoundedConnection, Refusal
from realtime.refusals import refused

if TYPE_CHECKING:
    from realtime.connections import Place
    from realtime.protocol import FrameProtocol
    from realtime.stream_wire import TransportStream

STREAM = "carillon.stream"  # in the scope's extensions: this protocol, for an answer that is written past h11
GRACE = 3.0  # seconds to read what is left of a stream when the server goes down
BODY_SECONDS = 10.0
BODY_RATE = 8 * 1024  # bytes a second that a body has to come with beyond that
FIRST_SECONDS = 1.0  # that a request which is on its way has to come when we stop
PARTING_SECONDS = 2.0  # that a refused client has to read why
PARTING_BYTES = 1024 * 1024  # that it may still send meanwhile


class HttpProtocol(H11Protocol):
    """Give it to uvicorn as `http`, with `realtime.protocol:FrameProtocol` as `ws`."""

    place: Place
    conn: BoundedConnection
    cycle: Any  # None before the first request
    stream: TransportStream | None = None  # what the answer under way is written by, past h11

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = BoundedConnection()
        self._awaits: object = (
            h11.Request
        )  # what the deadline is for, by the client's state; this one: its head
        self._may_still_send: int | None = None  # bytes, once it is refused
        self._is_last = False  # its first request is its last: we stop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.place = get_door().connections.place_of(transport.get_extra_info("socket").fileno())
        self.place.peer = self

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        get_door().connections.owes_nothing(self.place)
        if self.stream is not None:
            self.stream.lose()

    # --- What comes -----------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._may_still_send is None:
            super().data_received(data)
            return
        self._may_still_send -= len(data)
        if self._may_still_send < 0:
            self.transport.abort()

    def handle_events(self) -> None:
        super().handle_events()
        if self.transport.get_protocol() is not self:
            return  # it is a socket now
        if self.cycle is not None and "extensions" not in self.scope:
            cast("dict[str, Any]", self.scope)["extensions"] = {STREAM: self}  # before the application runs
        if self._is_last and self.cycle is not None:
            self.cycle.keep_alive = False
        if self.conn.refusal:
            self._refuse(self.conn.refusal)
        else:
            self._set_deadline()

    def _set_deadline(self) -> None:
        state: object = self.conn.their_state
        if state is h11.IDLE and self.conn.buffered:
            state = h11.Request  # its head has begun
        if state is h11.SEND_BODY:
            self._await_body()
        elif state is not self._awaits:
            self._awaits = state
            if state is h11.IDLE:
                get_door().owes(self.place, float(self.timeout_keep_alive))
            elif state is h11.Request:
                get_door().owes(self.place, HEAD_SECONDS)
            else:
                get_door().connections.owes_nothing(self.place)

    def _await_body(self) -> None:
        """Give it a little more time for each byte that has come."""
        if self._awaits is not h11.SEND_BODY:
            self._awaits = h11.SEND_BODY
            get_door().owes(self.place, BODY_SECONDS)
        self.place.deadline = self.place.since + BODY_SECONDS + self.conn.body_bytes / BODY_RATE

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self.stream = None
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.conn.our_state is h11.DONE and self.conn.their_state is h11.DONE:
            self.conn.start_next_cycle()
            self.handle_events()

    def shutdown(self) -> None:
        """Go once the answer under way is out. Whoever has just come may have asked already: no worker but this one
        can still hear it."""
        if self.cycle is None and self._may_still_send is None:
            self._is_last = True
            get_door().owes(self.place, FIRST_SECONDS)
        elif self.stream is not None:
            self.stream.close(GOING_AWAY)
            self.loop.call_later(GRACE, self.transport.abort)
        else:
            super().shutdown()

    # --- A stream -------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.stream is not None:
            self.stream.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.stream is not None:
            self.stream.resume()

    # --- A socket -------------------------------------------------------------------------------------------

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        if any(
            name in (b"content-length", b"transfer-encoding") and value != b"0"
            for name, value in self.headers
        ):
            self.conn.refusal = BAD  # a handshake has no body
            return
        self.connections.discard(self)
        protocol = cast("type[FrameProtocol]", self.ws_protocol_class)(
            config=self.config, server_state=self.server_state, app_state=self.app_state
        )
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        # A request before it on the same connection has nothing to do with it, nor has that one's id.
        Context().run(protocol.shake_hands, event)
        if self._is_last:
            protocol.shutdown()
        if early := self.conn.trailing_data[0]:
            protocol.data_received(early)

    def _unsupported_upgrade_warning(self) -> None:
        """Answer as if nobody had asked for it, which is what HTTP wants."""

    # --- Refusing -------------------------------------------------------------------------------------------

    def overdue(self) -> None:
        if self._may_still_send is not None:
            self.transport.abort()
        elif self._awaits is not h11.SEND_BODY and not self.conn.buffered:
            self.transport.close()
        else:
            self._refuse(TOO_LATE)

    def drop(self) -> None:
        self.transport.abort()

    def _refuse(self, refusal: Refusal) -> None:
        """Say why, unless an answer has begun, and part."""
        if self.transport.is_closing() or self._may_still_send is not None:
            return
        refused(f"Requests that were refused with {refusal.status},", self._from())
        if self.conn.our_state is h11.SEND_BODY:
            self.transport.close()
        elif self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(self._answer(refusal))
        self._end_request()
        self._part()

    def _answer(self, refusal: Refusal) -> bytes:
        request_id = uuid.uuid4().hex
        with request_context(request_id):
            kind, body = told_early(self.conn.path, *refusal)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        ]
        lines = [b"HTTP/1.1 %d %s" % (refusal.status, STATUS_PHRASES[refusal.status])]
        return b"\r\n".join([*lines, *(name + b": " + value for name, value in headers), b"", body])

    def _end_request(self) -> None:
        """Let the application hear that its client has gone; what it still says is for nobody."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _part(self) -> None:
        """Close our side, and theirs a little later: closed at once, what they have sent and we have not read would
        make the kernel take our answer back."""
        if self.transport.is_closing():
            return
        self._may_still_send = PARTING_BYTES
        self.flow.resume_reading()
        try:
            self.transport.write_eof()
        except OSError:  # they have gone
            self.transport.abort()
        get_door().owes(self.place, PARTING_SECONDS)

    def _from(self) -> str:
        return f"from {self.client[0]}" if self.client else ""
