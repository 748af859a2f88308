"""Every request has an id of its own: on the events that it causes, in its log lines and in its answer.

It is always ours: what a client sends as X-Request-ID is not read, for it could lend its doings to another request.
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse

from base import tracing
from base.asgi import Application, Channel, Scope
from base.correlation import current_request_id, request_context
from base.figures import counter, histogram

HEADER = "X-Request-ID"

REQUESTS = counter(
    "requests", "Answers, by the name of the address's pattern and by status.", ["route", "status"]
)
SECONDS = histogram(
    "request_seconds", "From a request to its answer's beginning: of reading, of writing.", ["kind"]
)


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
            began = time.monotonic()
            with tracing.span("request") as traced:
                response = await self.get_response(request)
                if traced:
                    _name(traced, request, response)
            response[HEADER] = current_request_id()
            count(request, response.status_code, time.monotonic() - began)
            return response


def _name(traced: Any, request: HttpRequest, response: HttpResponse) -> None:
    match = request.resolver_match
    traced.set_attribute("http.route", match.view_name if match else "none")
    traced.set_attribute("http.response.status_code", response.status_code)


def count(request: HttpRequest, status: int, seconds: float) -> None:
    """Count an answer by the name of its address's pattern, never by the address: whoever sends it chooses that."""
    match = request.resolver_match
    REQUESTS.labels(match.view_name if match else "none", str(status)).inc()
    SECONDS.labels("read" if request.method in ("GET", "HEAD") else "write").observe(seconds)
