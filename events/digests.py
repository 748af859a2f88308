"""The chain: each event's digest covers the one before it, so that no past event can change unseen. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from events.models import TaskEvent

GENESIS = "0" * 64  # the digest before an organization's first event

# The same bytes as json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=False) in a tenth of its time; a test
# compares them. (Floats would differ: no fact has any.)
_encode = msgspec.json.Encoder(order="sorted").encode


class Hashed(msgspec.Struct):
    """What a digest covers, as the audit reads it without making a TaskEvent."""

    organization_id: int
    position: int
    stream_id: uuid.UUID
    version: int
    action: str
    schema_version: int
    details: Any
    task_number: int
    subject: str
    actor_id: int
    created_at: dt.datetime
    request_id: str
    parts: int
    via: str | None


def canonical(event: Hashed | TaskEvent) -> bytes:
    """Write the exact bytes that a digest covers: JSON, keys sorted, no spaces, UTF-8, time in UTC with
    microseconds. An event without a request (made by a command, or before there were request ids) has no
    `request`, one that is told alone no `parts`, one that came through no token no `via`."""
    fields = {
        "action": event.action,
        "actor": event.actor_id,
        "created_at": event.created_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "details": event.details,
        "organization": event.organization_id,
        "position": event.position,
        "schema_version": event.schema_version,
        "stream": str(event.stream_id),
        "subject": event.subject,
        "task_number": event.task_number,
        "version": event.version,
    }
    if event.request_id:
        fields["request"] = event.request_id
    if event.parts != 1:
        fields["parts"] = event.parts
    if event.via:
        fields["via"] = event.via
    return _encode(fields)


def digest(previous: str, event: Hashed | TaskEvent) -> str:
    """Compute it: hexadecimal SHA-256 of the previous digest's text followed by the event's canonical
    bytes."""
    return hashlib.sha256(previous.encode() + canonical(event)).hexdigest()
