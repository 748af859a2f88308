"""How a socket's handshake is refused: 403 whatever the reason, which a header names, with an id that stands in the
log, too. A foreign organization and an unknown one answer alike."""

import uuid
from typing import Any

from base.correlation import request_context
from realtime import codes
from realtime.reads import Refused

HEADER = "X-Carillon-Refused"
ORIGIN = "origin"
NOT_FOUND = "not_found"
REASONS = {
    codes.SIGNED_OUT: "signed_out",
    codes.NOT_A_MEMBER: NOT_FOUND,
    codes.NO_SUCH_ORGANIZATION: NOT_FOUND,
    codes.TOO_MANY: "too_many",
    codes.FAILED: "unavailable",
}


def reason_for(refused: Refused) -> str:
    return "scope" if refused.is_of_scope else REASONS.get(refused.code, "unavailable")


async def refuse_handshake(send: Any, code: int, reason: str) -> None:
    """Refuse it. `code` is what it would have been closed with. The headers are for our own server; others leave them
    out."""
    request_id = uuid.uuid4().hex
    headers = [(HEADER, reason), ("X-Request-ID", request_id)]
    with request_context(request_id):
        await send({"type": "websocket.close", "code": code, "headers": headers})
