"""Refuse sockets that another site opens with our user's cookies, before any database work. Whoever brings a token is
asked for no origin: nobody's browser adds one by itself, and no cookie is read beside it."""

from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from realtime import codes
from realtime.auth import brings_a_token
from realtime.refused_handshakes import NOT_FOUND, ORIGIN, refuse_handshake

DEFAULT_PORTS = {"http": "80", "https": "443"}


class OriginValidator:
    """ASGI middleware. The origin must be the very host that was asked, as secure as the site is, and that host one of
    ALLOWED_HOSTS; or it stands in CSRF_TRUSTED_ORIGINS, by the rules of Django's forms. A missing, `null` or malformed
    Origin is refused."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if brings_a_token(scope) or is_of_ours(scope):
            await self.application(scope, receive, send)
        else:
            await receive()
            await refuse_handshake(send, codes.NOT_A_MEMBER, ORIGIN)


def may_read(scope: dict[str, Any]) -> bool:
    """Say whether who asks may read the answer to a GET. A page of this site names no origin with it; the host that
    was asked has to be ours all the same."""
    origin, host = _origin_and_host(scope)
    if origin or brings_a_token(scope):
        return brings_a_token(scope) or is_of_ours(scope)
    return not host or validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def is_of_ours(scope: dict[str, Any]) -> bool:
    """Say whether the Origin is allowed; a missing one is not."""
    return is_allowed(*_origin_and_host(scope), secure=_is_secure(scope))


async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Refuse every handshake, as an ASGI application: unknown paths end here."""
    await receive()
    await refuse_handshake(send, codes.NOT_A_MEMBER, NOT_FOUND)


def _origin_and_host(scope: dict[str, Any]) -> tuple[str, str]:
    """Read both here, so that no headers stay in the frame of a call that lasts as long as the socket."""
    headers = dict(scope.get("headers", ()))
    return headers.get(b"origin", b"").decode("latin-1"), headers.get(b"host", b"").decode("latin-1")


def _is_secure(scope: dict[str, Any]) -> bool:
    """Say whether people reach the site over https; a proxy may say so for pages alone, hence the setting."""
    return settings.HTTPS or scope.get("scheme") in ("wss", "https")


def is_allowed(origin: str, host: str, secure: bool = False) -> bool:
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    scheme, _, netloc = origin.partition("://")
    name, port = split_domain_port(netloc)
    scheme = scheme.lower()
    if not name or scheme not in DEFAULT_PORTS:
        return False
    if any(_covers(pattern, scheme, netloc) for pattern in settings.CSRF_TRUSTED_ORIGINS):
        return True
    if (secure and scheme != "https") or not validate_host(name, settings.ALLOWED_HOSTS):
        return False
    asked, asked_port = split_domain_port(host)
    default = DEFAULT_PORTS[scheme]
    # Some clients send no Host (tests do not); browsers always do.
    return not host or (name, port or default) == (asked, asked_port or default)


def _covers(pattern: str, scheme: str, netloc: str) -> bool:
    """Say whether `https://*.example.com` stands for this origin."""
    trusted_scheme, _, domain = pattern.partition("://*")
    return trusted_scheme == scheme and is_same_domain(netloc, domain)
