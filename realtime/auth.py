"""Who opens a socket, by the session cookie: a socket cannot hand out a new one."""

from http.cookies import CookieError
from typing import Any

from django.conf import settings
from django.http import parse_cookie

from orgs.signed_in import may_be_a_key


def session_key_of(scope: dict[str, Any]) -> str | None:
    """Find the key in the handshake's cookies. None when nobody can be signed in by it."""
    header = dict(scope.get("headers", ())).get(b"cookie", b"").decode("latin-1")
    try:
        key = parse_cookie(header).get(settings.SESSION_COOKIE_NAME, "")
    except CookieError:
        return None
    return key if may_be_a_key(key) else None
