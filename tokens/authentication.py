"""Who sends `Authorization: Bearer crl_…`, and what is answered to a token that is none."""

import time
from collections import OrderedDict
from urllib.parse import parse_qsl

from django.core.cache import cache
from django.views.decorators.debug import sensitive_variables

from base.errors import SignedOut, TooMany
from tokens.bearers import Bearer, bearer_of
from tokens.text import PREFIX, TokenKey, key_of, looks_like_one

SCHEME = "bearer"
IN_ADDRESSES = ("token", "access_token")  # where some put it
TRIES = 60  # that fail, of one address in a minute
MINUTE = 60  # seconds
REMEMBERED = 10_000  # tokens that were good here, which the tries of others at their address do not keep out

_good: OrderedDict[TokenKey, None] = OrderedDict()


class BadToken(SignedOut):
    code = "invalid_token"
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class TooManyTokens(TooMany):
    def __init__(self, seconds: int) -> None:
        self.retry_after = seconds
        super().__init__(
            f"Too many tokens from your network were no good. Wait {seconds} seconds, then send a good one."
        )


UNREADABLE = f"This is no token: one begins with {PREFIX}_ and is sent whole, after the word Bearer."
NO_GOOD = (
    "This token is unknown, was revoked, or has expired. Make another one on your page of access tokens."
)
IN_ADDRESS = (
    "A token in an address is not read: addresses are written down on their way. Revoke this one, make another, and "
    "send it in the header 'Authorization: Bearer …'."
)


@sensitive_variables()
def token_in_header(header: str) -> str | None:
    """Give what is sent as a token; None where the header is another scheme's, such as a proxy's own. Raises
    BadToken for a token that is sent otherwise."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == SCHEME:
        return rest.strip()
    if looks_like_one(scheme) or looks_like_one(rest.strip()):
        raise BadToken(UNREADABLE)
    return None


@sensitive_variables()
def refuse_in_address(query: str) -> None:
    """Raise BadToken where the address carries what may be a token."""
    if PREFIX not in query and "token" not in query:
        return
    if any(
        name.lower() in IN_ADDRESSES or looks_like_one(value)
        for name, value in parse_qsl(query, keep_blank_values=True)
    ):
        raise BadToken(IN_ADDRESS)


@sensitive_variables()
def bearer_by(text: str, address: str) -> Bearer:
    """Find whose token it is. Raises BadToken, or TooManyTokens when its address has sent too many bad ones: then
    none is looked up but those that were good here before."""
    key = key_of(text)
    if key not in _good:
        _check_tries(address)
    if key is None:
        _count_try(address)
        raise BadToken(UNREADABLE)
    bearer = bearer_of(key)
    if bearer is None:
        _good.pop(key, None)
        _count_try(address)
        raise BadToken(NO_GOOD)
    _remember(key)
    return bearer


def _remember(key: TokenKey) -> None:
    _good[key] = None
    if len(_good) > REMEMBERED:
        _good.popitem(last=False)


def _check_tries(address: str) -> None:
    if (cache.get(_tries_of(address)) or 0) >= TRIES:
        raise TooManyTokens(MINUTE - int(time.time()) % MINUTE)


def _count_try(address: str) -> None:
    name = _tries_of(address)
    cache.add(name, 0, timeout=2 * MINUTE)
    try:
        cache.incr(name)
    except ValueError:  # dropped meanwhile
        cache.set(name, 1, timeout=2 * MINUTE)


def _tries_of(address: str) -> str:
    return f"bad-tokens-{address}-{int(time.time()) // MINUTE}"
