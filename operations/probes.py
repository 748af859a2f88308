"""`/livez` and `/readyz`, before everything else that an application does: they need no host name, no https and no
session. `/livez` is the process alone, answered on its event loop; `/readyz` says what it can do, 503 when it is not
ready."""

import json

from django.conf import settings

from base.asgi import Application, Channel, Scope
from operations import readiness
from operations.readiness import Readiness

PATHS = ("/livez", "/readyz")


def probed(application: Application) -> Application:
    """Answer the probes, whether a proxy took PATH_PREFIX off their path or left it on."""
    prefix = settings.PATH_PREFIX

    async def call(scope: Scope, receive: Channel, send: Channel) -> None:
        path = scope.get("path", "").removeprefix(prefix) if scope["type"] == "http" else ""
        if path in PATHS:
            await _answer(scope["method"], path, send)
        else:
            await application(scope, receive, send)

    return call


async def _answer(method: str, path: str, send: Channel) -> None:
    if method not in ("GET", "HEAD"):
        await _send(send, 405, {"error": "GET or HEAD"}, method, [(b"allow", b"GET, HEAD")])
    elif path == "/livez":
        await _send(send, 200, {"status": "ok"}, method)
    else:
        found = await _readiness()
        await _send(send, 200 if found.is_ready else 503, {"status": found.status, **found.parts}, method)


async def _readiness() -> Readiness:
    try:
        return await readiness.readiness.aask()
    except TimeoutError:
        return readiness.of(database="away", migrations="unknown", followers="unknown")


async def _send(
    send: Channel,
    status: int,
    body: dict[str, str],
    method: str,
    more: list[tuple[bytes, bytes]] | None = None,
) -> None:
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        *(more or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else content})
