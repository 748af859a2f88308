"""Followers in a thread of a server process and what runs beside them, for as long as it serves: an ASGI application
for its lifespan."""

import asyncio
import threading

from django.conf import settings

from base.asgi import Channel, Scope
from followers.beside import LONGEST_STOP, Beside
from followers.loop import Loop


async def lifespan(scope: Scope, receive: Channel, send: Channel) -> None:
    """Start them with the server and stop them with it, unless FOLLOW is off."""
    await receive()
    loop, beside = Loop(), Beside()
    # A daemon: a server that is told to end at once does so.
    thread = threading.Thread(target=loop.run, name="followers", daemon=True)
    if settings.FOLLOW:
        thread.start()
        beside.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    loop.stop()
    beside.stop()
    if thread.is_alive():
        await asyncio.to_thread(thread.join, LONGEST_STOP)
        await asyncio.to_thread(beside.join)
    await send({"type": "lifespan.shutdown.complete"})
