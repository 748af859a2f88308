"""Makes tokens and revokes them: what holds a revoked one's sockets lets go of them at once."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from base.announcements import announce, user_group_name
from base.errors import Forbidden, Invalid, TooMany
from base.messages import SessionChanged
from base.plain_text import can_be_seen, line_of
from base.transactions import write_transaction
from orgs.access_record import Kind, note
from orgs.models import User
from tokens.bearers import SignedBy
from tokens.models import NAME_LIMIT, Token
from tokens.scopes import SCOPES, in_order
from tokens.text import key_of, new_text

MOST = 50  # in force, of one person or service account
LONGEST = dt.timedelta(days=366)


class Wish(NamedTuple):
    """What is asked for. `days`: for how many it counts; None for ever. `organization_id`: the only one that it sees;
    None for all of the user's."""

    name: str
    scopes: Collection[str]
    days: int | None
    organization_id: int | None = None


class Made(NamedTuple):
    """`text` is the token itself. It is nowhere else, so whoever asked has to see it now."""

    token: Token
    text: str


@sensitive_variables("text", "key")
def make(user: User, wish: Wish, *, within: SignedBy | None = None, by: User | None = None) -> Made:
    """Make one. `within`: the token through which it is asked for, which cannot make a stronger one. `by`: who makes it
    for a service account. Raises Invalid, Forbidden, TooMany."""
    now = timezone.now()
    text = new_text()
    key = key_of(text)
    assert key is not None  # noqa: S101 - it is one
    token = Token(
        user=user, name=_name(wish.name), organization_id=wish.organization_id, scopes=_scopes(wish.scopes),
        public_id=key.public_id, digest=key.digest, created_at=now, expires_at=_end(wish.days, now), made_by=by,
    )  # fmt: skip
    if within is not None:
        _check_within(token, within)
    with write_transaction():
        User.objects.select_for_update().only("pk").get(pk=user.pk)  # two at once are not one too many
        if in_force(user.pk).count() >= MOST:
            raise TooMany(
                f"There are {MOST} tokens already. Revoke those that nobody needs, then make this one."
            )
        token.save(force_insert=True)
        note(Kind.TOKEN_MADE, user.pk, str(token))
    return Made(token, text)


def revoke(tokens: Iterable[Token], why: str = "") -> int:
    """Revoke those that are in force. Returns how many."""
    chosen = [token for token in tokens if token.revoked_at is None]
    with write_transaction():
        for token in chosen:
            revoked = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
            if revoked:
                note(Kind.TOKEN_REVOKED, token.user_id, f"{token} {why}".strip())
        for user_id in {token.user_id for token in chosen}:
            announce(user_group_name(user_id), SessionChanged(user_id))
    return len(chosen)


def in_force(user_id: int) -> QuerySet[Token]:
    """Find the user's that count, the newest first."""
    now = timezone.now()
    return Token.objects.filter(user=user_id, revoked_at=None).exclude(expires_at__lte=now)


def _name(typed: str) -> str:
    name = line_of(typed)
    if not can_be_seen(name):
        raise Invalid("Give the token a name, such as the program that will use it.")
    if len(name) > NAME_LIMIT:
        raise Invalid(f"A token's name has at most {NAME_LIMIT} characters; this one has {len(name)}.")
    return name


def _scopes(asked: Collection[str]) -> str:
    unknown = [scope for scope in asked if scope not in SCOPES]
    if unknown:
        raise Invalid(f"There is no scope '{line_of(str(unknown[0]))[:40]}'. There are {', '.join(SCOPES)}.")
    if not asked:
        raise Invalid(f"Choose at least one scope: {', '.join(SCOPES)}.")
    return " ".join(in_order(asked))


def _end(days: int | None, now: dt.datetime) -> dt.datetime | None:
    if days is None:
        return None
    if not 1 <= days <= LONGEST.days:
        raise Invalid(f"A token lasts between 1 and {LONGEST.days} days, or for ever.")
    return now + dt.timedelta(days=days)


def _check_within(token: Token, own: SignedBy) -> None:
    """Refuse what would be stronger than the token that asks for it."""
    if more := [scope for scope in token.scope_list if scope not in own.scopes]:
        raise Forbidden(f"This token has no scope '{more[0]}', so it cannot make one that has it.")
    if own.organization_id is not None and token.organization_id != own.organization_id:
        raise Forbidden("This token is for one organization, and makes others for that one only.")
    if own.expires_at is not None and (token.expires_at is None or token.expires_at > own.expires_at):
        raise Forbidden("This token expires, and makes none that lasts longer.")
