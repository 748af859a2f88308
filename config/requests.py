"""Every request has an id of its own: on the events that it causes, in its log lines and in its answer.

It is always ours: what a client sends as X-Request-ID is not read, for it could lend its doings to another request.
"""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse

from base.correlation import current_request_id, request_context

HEADER = "X-Request-ID"

Scope = dict[str, Any]
Channel = Callable[..., Awaitable[Any]]
Application = Callable[[Scope, Channel, Channel], Awaitable[None]]


def identified(application: Application) -> Application:
    """Give the id for as long as the whole answer takes: streaming and the server's access log come after Django's
    middleware. Sockets get none: what is started for one of them goes on to serve others."""

    async def call(scope: Scope, receive: Channel, send: Channel) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        with request_context(uuid.uuid4().hex):
            await application(scope, receive, send)

    return call


class RequestIdMiddleware:
    """Puts the id into the answer; outermost, so that every answer has it. It makes the id where no ASGI server did:
    under WSGI and in tests."""

    sync_capable = False  # the next one inwards is asynchronous too; Django bridges to synchronous servers
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        # The variable is copied into the thread that runs the view, and threads of other requests have their own.
        with request_context(current_request_id() or uuid.uuid4().hex):
            response = await self.get_response(request)
            response[HEADER] = current_request_id()
            return response
