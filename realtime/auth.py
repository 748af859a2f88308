"""Who opens a socket, by the session cookie. Reads only: unlike Django's `get_user`, it never cycles or flushes a
session, because a socket cannot hand out the new cookie."""

from http.cookies import CookieError
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare

from orgs.models import User


def session_key_of(scope: dict[str, Any]) -> str | None:
    header = dict(scope.get("headers", ())).get(b"cookie", b"").decode("latin-1")
    try:
        return parse_cookie(header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None


def user_of_session(session_key: str | None) -> User | None:
    """The active user whose session it is; None when there is none, or the password has changed since."""
    if not session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    claimed = str(session.get(HASH_SESSION_KEY, ""))
    try:
        user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    except ValueError:
        return None
    if user is None:
        return None
    # The hash under today's key, then under the older ones: a key rotation signs nobody out.
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return user if any(constant_time_compare(claimed, known) for known in hashes) else None
