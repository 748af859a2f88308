"""When each token was used last: written once in a minute or so by each process, never by every request, and never
waited for."""

import time

from django.db import DatabaseError
from django.utils import timezone

from base.transactions import write_transaction
from base.turns import Busy
from tokens.models import Token

OFTEN = 60.0  # seconds
TOKENS = 20_000  # which a process remembers to have noted

_noted: dict[int, float] = {}


def note_use(token_id: int) -> None:
    """Note, after the answer is made, that it was used now."""
    now = time.monotonic()
    if now - _noted.get(token_id, -OFTEN) < OFTEN:
        return
    if len(_noted) >= TOKENS:
        _noted.clear()
    _noted[token_id] = now
    try:
        with write_transaction(patience=0):
            Token.objects.filter(pk=token_id).update(last_used_at=timezone.now())
    except (DatabaseError, Busy):  # others write: the next one notes it
        _noted.pop(token_id, None)
