"""Refuse sockets that another site opens with our user's cookies, before any database work."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

DEFAULT_PORTS = {"http": "80", "https": "443"}


class OriginValidator:
    """ASGI middleware. The origin must be the very host that was asked, or stand in CSRF_TRUSTED_ORIGINS; and its
    host must be one of ALLOWED_HOSTS. A missing, `null` or malformed Origin is refused."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if is_allowed(*_origin_and_host(scope)):
            await self.application(scope, receive, send)
        else:
            await refuse(scope, receive, send)


async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An ASGI application that refuses every handshake: unknown paths end here too."""
    await receive()
    await send({"type": "websocket.close", "code": 4403})


def _origin_and_host(scope: dict[str, Any]) -> tuple[str, str]:
    """Here, so that no headers stay in the frame of a call that lasts as long as the socket."""
    headers = dict(scope.get("headers", ()))
    return headers.get(b"origin", b"").decode("latin-1"), headers.get(b"host", b"").decode("latin-1")


def is_allowed(origin: str, host: str) -> bool:
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
        name, port = parts.hostname or "", str(parts.port or DEFAULT_PORTS.get(parts.scheme, ""))
    except ValueError:
        return False
    if parts.scheme not in DEFAULT_PORTS or not validate_host(_bracketed(name), settings.ALLOWED_HOSTS):
        return False
    # Some clients send no Host (tests do not); browsers always do.
    return not host or (_bracketed(name), port) == _split(host.lower(), DEFAULT_PORTS[parts.scheme])


def _split(host: str, default_port: str) -> tuple[str, str]:
    name, port = split_domain_port(host)
    return name, port or default_port


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name
