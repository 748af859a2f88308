"""Free text, beside the log: what a person wrote can be erased without breaking the chain.

An event's details hold the SHA-256 of a random nonce and the text (`{"sha256": ...}`); the nonce and the text stand in
EventText. While they are there, they can be proved; once they are gone, nobody can guess the text from the digest.
"""

import hashlib
import secrets

from events.facts import Fact
from events.models import EventText, TaskEvent

NONCE = 16  # bytes


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
