"""Serves static files from memory, compressed once each, and says for how long they may be kept."""

import asyncio
import gzip
import mimetypes
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import PurePath

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from config.static_files import as_it_is_now, digest, release

ADDRESS = re.compile(r"/static/(?:(?P<digest>[0-9a-f]{12})/)?(?P<name>.+)")
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"

# Where the machine's own tables may say otherwise, a browser would refuse scripts and stylesheets.
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class StaticFilesMiddleware:
    """Only an address with this release's digest is kept for ever. Without one, or with another's (a page from before
    an upgrade, a worker that is yet to be replaced), it leads to the file of today, which is asked for each time.
    Stands outside all that asks the database or a session."""

    sync_capable = False  # the next one outwards is asynchronous too
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self._files = {} if settings.DEBUG else release()
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = ADDRESS.fullmatch(request.path_info)
        content = address and self._content(address["name"])
        if not address or content is None:
            return await self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = await _answer(request, address["name"], content)
        response["Cache-Control"] = FOREVER if self._is_current(address["digest"]) else ASK_AGAIN
        response = get_conditional_response(request, etag=response["ETag"], response=response) or response
        response["Access-Control-Allow-Origin"] = "*"  # the same for everybody: any page may import a module
        return response

    def _content(self, name: str) -> bytes | None:
        return as_it_is_now(name) if settings.DEBUG else self._files.get(name)

    @staticmethod
    def _is_current(named: str | None) -> bool:
        return not settings.DEBUG and named == digest()


async def _answer(request: HttpRequest, name: str, content: bytes) -> HttpResponse:
    """Give the whole file, also where a part of it was asked for, which HTTP allows: none is large."""
    tag, packed = await _compressed(name, content)
    is_packed = packed is not None and accepts_gzip(request)
    response = HttpResponse(packed if is_packed else content, content_type=_kind(name))
    response["Content-Length"] = str(len(response.content))
    response["ETag"] = f'"{tag}-gzip"' if is_packed else f'"{tag}"'
    response["X-Content-Type-Options"] = "nosniff"
    if packed is not None:
        response["Vary"] = "Accept-Encoding"
    if is_packed:
        response["Content-Encoding"] = "gzip"
    return response


def accepts_gzip(request: HttpRequest) -> bool:
    return bool(ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")))


_kept: dict[str, tuple[str, bytes | None]] = {}


async def _compressed(name: str, content: bytes) -> tuple[str, bytes | None]:
    """Return what its ETag says and the file in gzip, None where that is no shorter. In a thread: sockets do not wait
    for it."""
    if name in _kept:
        return _kept[name]
    made = await asyncio.to_thread(_compress, content)
    if not settings.DEBUG:
        _kept[name] = made
    return made


def _compress(content: bytes) -> tuple[str, bytes | None]:
    packed = gzip.compress(content, compresslevel=9, mtime=0)
    return sha256(content).hexdigest()[:16], packed if len(packed) < len(content) else None


def _kind(name: str) -> str:
    kind = KINDS.get(PurePath(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
