"""What a request may ask of the database: its connection goes back when the answer is made, its statements have a
time limit, and a read whose client has left is stopped."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from base.asgi import Application, Channel, Scope
from base.connections import Holder, gives_back, holding
from config.postgresql import BoundedConnection

logger = logging.getLogger(__name__)

SILENCE = 3.0  # seconds beyond the limit of a statement


class GiveBackMiddleware:
    """How fast a client reads is its own affair. Stands outside everything that asks the database. An answer that
    streams takes a connection for each part that it makes, and gives it back itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = gives_back(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)


def stopped_with_its_client(application: Application) -> Application:
    """Stop the statement of a GET or HEAD whose client has left: it asks nothing more of the database. What changes
    something is carried out to the end."""

    async def call(scope: Scope, receive: Channel, send: Channel) -> None:
        # A holder of its own for every request: a server may start one in the context of the one before it.
        with holding() as holder:
            if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
                await application(scope, receive, send)
                return

            async def heard() -> Any:
                message = await receive()
                if message["type"] == "http.disconnect":
                    holder.has_left = True  # known before a connection is taken, if it is not yet
                    if holder.is_holding:
                        await _stop(holder)
                return message

            await application(scope, heard, send)

    return call


async def _stop(holder: Holder) -> None:
    try:
        await asyncio.to_thread(holder.stop)
    except Exception as error:  # noqa: BLE001 - the statement then ends by itself
        logger.info("A statement could not be stopped: %s", type(error).__name__)


def limit_statements() -> None:
    """Bound those of all connections that this process is going to open; milliseconds by name. The address's own
    `options` count last. Where the server does not say that a statement took too long, it says nothing at all."""
    if limit := int(settings.SERVING_TIMEOUTS.get("statement_timeout", 0)):
        BoundedConnection.deadline = limit / 1000 + SILENCE
    limits = [f"-c {name}={value}" for name, value in settings.SERVING_TIMEOUTS.items() if value]
    if not limits:
        return
    options = connection.settings_dict["OPTIONS"]
    options["options"] = " ".join([*limits, str(options.get("options", ""))]).strip()
    if options.get("pool"):
        connection.close_pool()  # type: ignore[attr-defined]
