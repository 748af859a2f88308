"""Whose what is sent is: a session's cookie, or a token. Reads only."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import CharField, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from base.compiled import Parameter
from base.compiled_lists import CompiledModels
from base.correlation import Via
from orgs.models import User
from orgs.signed_in import users_of_sessions
from tokens.models import Token
from tokens.text import TokenKey

# What somebody is signed in with: a session's key, or a token's.
Credential = str | TokenKey


class SignedBy(NamedTuple):
    """The token of a request, as `request.token` has it."""

    id: int
    public_id: str
    name: str
    scopes: frozenset[str]
    organization_id: int | None
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None

    @property
    def via(self) -> Via:
        return Via(self.public_id, self.name)


class Bearer(NamedTuple):
    """A user, and by which token; None by a session, which may do everything and sees all of their organizations."""

    user: User
    token: SignedBy | None = None

    def allows(self, scope: str) -> bool:
        return self.token is None or scope in self.token.scopes

    @property
    def only(self) -> int | None:
        """The one organization that is seen; None where all of the user's are."""
        return self.token.organization_id if self.token else None

    def reaches(self, organization_id: int) -> bool:
        return self.only in (None, organization_id)


def _of_open_accounts() -> QuerySet[Token]:
    return Token.objects.select_related("user").filter(user__is_active=True, revoked_at=None)


_ONE = CompiledModels(lambda: _of_open_accounts().filter(public_id=Parameter("public_id", CharField())))


def bearer_of(key: TokenKey) -> Bearer | None:
    """Find whose the token is; None when it is unknown, or counts no more. One query."""
    return next(iter(_in_force([key], _ONE.models(most=1, public_id=key.public_id)).values()), None)


def bearers_of(credentials: Collection[Credential]) -> dict[Credential, Bearer]:
    """Map each to whose it is. Missing is what counts no more, or never did. Two queries for all sessions, and one for
    all tokens where there are any."""
    sessions = users_of_sessions([each for each in credentials if isinstance(each, str)])
    keys = [each for each in credentials if isinstance(each, TokenKey)]
    found = _of_open_accounts().filter(public_id__in=[key.public_id for key in keys]) if keys else ()
    return {key: Bearer(user) for key, user in sessions.items()} | _in_force(keys, found)


def _in_force(keys: Iterable[TokenKey], found: Iterable[Token]) -> dict[Credential, Bearer]:
    now, tokens = timezone.now(), {token.public_id: token for token in found}
    pairs = [(key, tokens[key.public_id]) for key in keys if key.public_id in tokens]
    return {
        key: Bearer(token.user, signed_by(token))
        for key, token in pairs
        if constant_time_compare(key.digest, token.digest) and token.is_in_force(now)
    }


def signed_by(token: Token) -> SignedBy:
    return SignedBy(
        token.pk,
        token.public_id,
        token.name,
        frozenset(token.scope_list),
        token.organization_id,
        token.expires_at,
        token.last_used_at,
    )
