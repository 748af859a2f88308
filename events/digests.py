"""The chain: each event's digest covers the one before it, so that no past event can change unseen. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import TYPE_CHECKING, Annotated, Any

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


def read_canonical(fields: dict[str, Any]) -> Hashed:
    """Read what `canonical` wrote, once it is decoded. Raises ValueError where it could not have written this."""
    try:
        found = msgspec.convert(fields, _Written)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    return Hashed(
        organization_id=found.organization,
        position=found.position,
        stream_id=found.stream,
        version=found.version,
        action=found.action,
        schema_version=found.schema_version,
        details=found.details,
        task_number=found.task_number,
        subject=found.subject,
        actor_id=found.actor,
        created_at=found.created_at,
        request_id=found.request,
        parts=found.parts,
        via=found.via,
    )


_Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    """As the columns bound it."""

    action: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    actor: _Id
    created_at: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    details: dict[str, Any]
    organization: _Id
    position: _Id
    schema_version: Annotated[int, msgspec.Meta(ge=1, le=2**15 - 1)]
    stream: uuid.UUID
    subject: Annotated[str, msgspec.Meta(max_length=200)]
    task_number: _Number
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    request: Annotated[str, msgspec.Meta(max_length=32)] = ""
    parts: Annotated[int, msgspec.Meta(ge=0, le=2**15 - 1)] = 1
    via: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] | None = None
