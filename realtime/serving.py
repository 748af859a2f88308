"""The sender's part in the life of a server: what is announced is sent on the server's loop, and before it stops."""

import asyncio

from django.conf import settings

from base import tracing
from base.asgi import Application, Channel, Message, Scope
from base.shelf import laid_down
from realtime.broadcast import sender
from realtime.sender import GOODBYE
from realtime.stopping import stop_with_parent, when_asked_to_stop
from realtime.streams import end_streams


def sending(lifespan: Application) -> Application:
    """Wrap the ASGI application that has the server's lifespan: whatever it stops may still announce something."""

    async def wrapped(scope: Scope, receive: Channel, send: Channel) -> None:
        async def flushed(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                await asyncio.to_thread(_say_goodbye)  # after this message nothing here runs on
            await send(message)

        stop_with_parent()
        when_asked_to_stop(asyncio.get_running_loop(), end_streams)
        sender.serve_on(asyncio.get_running_loop())
        tracing.start(settings.OTLP_URL, settings.OTLP_SHARE)
        with laid_down(settings.FIGURES_FOLDER):
            await lifespan(scope, receive, flushed)

    return wrapped


def _say_goodbye() -> None:
    sender.flush(GOODBYE)
    tracing.stop()
