"""What somebody opens a socket or a stream with: a token in a header, or else the session's cookie. A socket cannot
hand out a new session, so none is made; and nothing but the digest of a token is kept."""

from http.cookies import CookieError
from typing import Any

from django.conf import settings
from django.http import parse_cookie
from django.views.decorators.debug import sensitive_variables

from orgs.signed_in import may_be_a_key
from tokens.authentication import BadToken, refuse_in_address, token_in_header
from tokens.bearers import Credential
from tokens.text import key_of

# A script in a browser can set no header but the one of subprotocols: it offers this one, and the token as another.
SUBPROTOCOL = "carillon"
_BEARER = f"{SUBPROTOCOL}.bearer."


@sensitive_variables()
def credentials_of(scope: dict[str, Any]) -> Credential | None:
    """Find what the head of a socket or a request is signed by. None where nobody can be signed in by it, such as a
    token that is malformed or stands in the address: a cookie beside it is not read then."""
    try:
        refuse_in_address(scope.get("query_string", b"").decode("latin-1"))
        token = _token_of(scope)
    except BadToken:
        return None
    return _session_key_of(scope) if token is None else key_of(token)


def brings_a_token(scope: dict[str, Any]) -> bool:
    """Say whether no cookie is read, so that it does not matter which site's page it comes from."""
    try:
        return _token_of(scope) is not None
    except BadToken:
        return True


def subprotocol_of(scope: dict[str, Any]) -> str | None:
    """Give the one to answer with: a browser wants one of those that it offered, and the token's is not repeated."""
    return SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None


def name_of(credential: Credential) -> str:
    """Give what takes turns: whoever sends another secret with the same public id is somebody else."""
    return credential if isinstance(credential, str) else credential.digest


@sensitive_variables()
def _token_of(scope: dict[str, Any]) -> str | None:
    token = token_in_header(_header(scope, b"authorization"))
    if token is None:
        offered = (each for each in scope.get("subprotocols", ()) if each.startswith(_BEARER))
        token = next((each.removeprefix(_BEARER) for each in offered), None)
    return token


@sensitive_variables()
def _session_key_of(scope: dict[str, Any]) -> str | None:
    try:
        key = parse_cookie(_header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")
    except CookieError:
        return None
    return key if may_be_a_key(key) else None


def _header(scope: dict[str, Any], name: bytes) -> str:
    header: bytes = dict(scope.get("headers", ())).get(name, b"")
    return header.decode("latin-1")
