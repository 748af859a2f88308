"""When each token was used last: written once in a minute or so by each process, never by every request, and never
waited for."""

from collections.abc import Collection

from django.utils import timezone

from base.seldom import Seldom
from tokens.models import Token

USES: Seldom[int] = Seldom(pause=60.0, most=20_000)


def note_uses(token_ids: Collection[int]) -> None:
    """Note that they are used now: after an answer is made, or while a socket is open."""
    USES.note(token_ids, lambda due: Token.objects.filter(pk__in=due).update(last_used_at=timezone.now()))
