"""Free text, beside the log: what a person wrote can be erased without breaking the chain.

An event's details hold the SHA-256 of a random nonce and the text (`{"sha256": ...}`); the nonce and the text stand in
EventText. While they are there, they can be proved; once they are gone, nobody can guess the text from the digest.
"""

import hashlib
import secrets
from collections.abc import Collection
from enum import StrEnum
from typing import Any

from events.facts import Fact, sealed_digest
from events.models import EventText, TaskEvent

NONCE = 16  # bytes

# In place of a nonce: the text is not the one that was written, because it named somebody who was erased.
REDACTED = ""


class TextState(StrEnum):
    """What can be said of the free text of an event."""

    NONE = "none"  # none beside it: none at all, an empty one, or one of schema version 1 in its details
    PROVED = "proved"  # it is the one that was written
    ERASED = "erased"  # its author was erased
    REDACTED = "redacted"  # it named somebody who was erased, and cannot be proved any more
    ALTERED = "altered"
    MISSING = "missing"


def text_state(
    action: str,
    details: dict[str, Any],
    text: tuple[str, str] | None,
    *,
    author_erased: bool,
    erased_names: Collection[str],
) -> TextState:
    """`text` is nonce and body as they stand beside the event; `erased_names` the user names of all erased people."""
    sealed = sealed_digest(action, details)
    if sealed is None:
        return TextState.NONE if text is None else TextState.ALTERED
    if text is None:
        return TextState.ERASED if author_erased else TextState.MISSING
    nonce, body = text
    if nonce == REDACTED:
        named = any(f"@{name}" in body for name in erased_names)
        return TextState.REDACTED if named else TextState.ALTERED
    try:
        return TextState.PROVED if text_digest(nonce, body) == sealed else TextState.ALTERED
    except ValueError:  # a nonce that is no hexadecimal
        return TextState.ALTERED


def seal(event: TaskEvent, fact: Fact) -> EventText | None:
    """Give the event its details. Returns the text to keep beside it, if there is any; its event has no id yet."""
    event.details = fact.details()
    body = event.details.get(fact.text_field or "")
    if not body:
        return None
    text = EventText(event=event, nonce=secrets.token_hex(NONCE), body=body)
    event.details |= {fact.text_field: {"sha256": text_digest(text.nonce, body)}}
    return text


def text_digest(nonce: str, body: str) -> str:
    """Hexadecimal SHA-256 of the nonce's bytes followed by the text in UTF-8."""
    return hashlib.sha256(bytes.fromhex(nonce) + body.encode()).hexdigest()
