"""Followers in a thread of a server process, for as long as it serves: an ASGI application for its lifespan."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from followers.loop import Loop

LONGEST_STOP = 5.0  # seconds; what is under way then is taken back, and done by another


async def lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Start them with the server and stop them with it, unless FOLLOW is off."""
    await receive()
    loop = Loop()
    # A daemon: a server that is told to end at once does so.
    thread = threading.Thread(target=loop.run, name="followers", daemon=True)
    if settings.FOLLOW:
        thread.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    loop.stop()
    if thread.is_alive():
        await asyncio.to_thread(thread.join, LONGEST_STOP)
    await send({"type": "lifespan.shutdown.complete"})
