"""Free text, beside the log: what a person wrote can be erased without breaking the chain.

An event's details hold the SHA-256 of a random nonce and the text (`{"sha256": ...}`); the nonce and the text stand in
EventText. While they are there, they can be proved; once they are gone, nobody can guess the text from the digest.
"""

import hashlib
import secrets
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from base.column_values import uuid_for_column
from base.statements import Insertion, Statement, places
from events.facts import Fact, Redaction, TextsErased, sealed_digest
from events.models import EventText, TaskEvent

NONCE = 16  # bytes


class TextState(StrEnum):
    """What can be said of the free text of an event."""

    NONE = "none"  # none beside it: none at all, an empty one, or one of schema version 1 in its details
    PROVED = "proved"  # it is the one that was written
    ERASED = "erased"  # an erasure of its author's texts names it
    REDACTED = (
        "redacted"  # it is the one that an erasure put in its place, without the name of who was erased
    )
    ALTERED = "altered"
    MISSING = "missing"


class Taken(NamedTuple):
    """What an erasure says of a text: the digest of what it put in its place, or None for nothing."""

    sha256: str | None


def text_state(
    action: str, details: dict[str, Any], text: tuple[str, str] | None, taken: Taken | None = None
) -> TextState:
    """Judge a text by its event. `text` is nonce and body as they stand beside the event; `taken` the last
    word of an erasure on it."""
    sealed = sealed_digest(action, details)
    if sealed is None:
        return TextState.NONE if text is None else TextState.ALTERED
    if text is None:
        return TextState.ERASED if taken == Taken(None) else TextState.MISSING
    expected, state = (sealed, TextState.PROVED) if taken is None else (taken.sha256, TextState.REDACTED)
    try:
        return state if text_digest(*text) == expected else TextState.ALTERED
    except ValueError:  # a nonce that is no hexadecimal
        return TextState.ALTERED


def seal(event: TaskEvent, fact: Fact) -> EventText | None:
    """Give the event its details. Returns the text to keep beside it, if there is any; its event has no id yet."""
    event.details = fact.details()
    body = event.details.get(fact.text_field or "")
    if not body:
        return None
    text = EventText(event=event, organization_id=event.organization_id, nonce=new_nonce(), body=body)
    event.details |= {fact.text_field: {"sha256": text_digest(text.nonce, body)}}
    return text


def redaction(event: TaskEvent, body: str) -> tuple[EventText, Redaction]:
    """Make another text for the place of the event's, and what its erasure says of it."""
    text = EventText(event_id=event.pk, organization_id=event.organization_id, nonce=new_nonce(), body=body)
    return text, Redaction(event.version, text_digest(text.nonce, body))


def taken(erasure: TaskEvent, fact: TextsErased, redacted: Sequence[EventText]) -> list[Statement]:
    """Make the statements that delete what an erasure names, and put the redacted texts in their places. The database
    allows it only after the erasure was appended and before the log's head stands at it (`append_only.py`)."""
    versions = [*fact.erased, *(each.version for each in fact.redacted)]
    where = [erasure.organization_id, erasure.organization_id, uuid_for_column(erasure.stream_id), *versions]
    return [Statement(_DELETE.format(versions=places(versions)), where), *_INSERT.of(*redacted)]


_DELETE = """DELETE FROM events_eventtext WHERE organization_id = %s AND event_id IN (
SELECT id FROM events_taskevent WHERE organization_id = %s AND stream_id = %s AND version IN ({versions}))"""
_INSERT = Insertion(EventText)


def new_nonce() -> str:
    return secrets.token_hex(NONCE)


def text_digest(nonce: str, body: str) -> str:
    """Compute the hexadecimal SHA-256 of the nonce's bytes followed by the text in UTF-8."""
    return hashlib.sha256(bytes.fromhex(nonce) + body.encode()).hexdigest()
