"""The sender's part in the life of a server: what is announced is sent on the server's loop, and before it stops."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from realtime.broadcast import sender
from realtime.sender import GOODBYE
from realtime.stopping import stop_with_parent

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Lifespan = Callable[[Message, Receive, Send], Awaitable[None]]


def sending(lifespan: Lifespan) -> Lifespan:
    """Wrap the ASGI application that has the server's lifespan: whatever it stops may still announce something."""

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        async def flushed(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                await asyncio.to_thread(sender.flush, GOODBYE)
            await send(message)

        stop_with_parent()
        sender.serve_on(asyncio.get_running_loop())
        await lifespan(scope, receive, flushed)

    return wrapped
