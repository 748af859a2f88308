"""Answers that are made in parts while they are sent."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from base.connections import gives_back


def download(
    request: HttpRequest, body: Iterator[bytes], content_type: str, name: str
) -> StreamingHttpResponse:
    """Answer with a file of this name. No part of it holds a database connection once it is made, however slowly the
    client reads."""
    parts: Any = _off_thread(body) if isinstance(request, ASGIRequest) else body
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return StreamingHttpResponse(parts, content_type=content_type, headers=headers)


async def _off_thread(body: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Iterate in threads: under ASGI Django would collect a synchronous iterator whole, in memory, before it sends
    anything."""
    while chunk := await sync_to_async(_next)(body):
        yield chunk


@gives_back
def _next(body: Iterator[bytes]) -> bytes:
    return next(body, b"")
