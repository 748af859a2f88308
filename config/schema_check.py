"""A server process starts on no database that its release must not run on, whoever started it."""

import asyncio
import logging
from contextlib import closing

from django.db import Error

from base import schema_release
from base.asgi import Application, Channel, Scope
from base.database_errors import unpooled

logger = logging.getLogger(__name__)


def schema_checked(lifespan: Application) -> Application:
    """Wrap the ASGI application that has the server's lifespan."""

    async def wrapped(scope: Scope, receive: Channel, send: Channel) -> None:
        if why := await asyncio.to_thread(_refusal):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": why})
            return
        await lifespan(scope, receive, send)

    return wrapped


def _refusal() -> str | None:
    try:
        with closing(unpooled()) as connection:
            return schema_release.refusal(connection)
    except Error:  # away: pages say so until it is back
        logger.warning("Whether this release may run on the database could not be asked")
        return None
