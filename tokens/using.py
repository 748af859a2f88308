"""When each token was used last: written once in a minute or so by each process, never by every request, and never
waited for."""

from django.utils import timezone

from base.seldom import Seldom
from tokens.models import Token

USES: Seldom[int] = Seldom(pause=60.0, most=20_000)


def note_use(token_id: int) -> None:
    """Note, after the answer is made, that it was used now."""
    USES.note(token_id, lambda: Token.objects.filter(pk=token_id).update(last_used_at=timezone.now()))
