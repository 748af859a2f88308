"""Where sockets read the database: never on the event loop, and never many at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar, cast

from asgiref.sync import AsyncToSync
from channels.db import database_sync_to_async
from django.db import OperationalError

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE = 10.0  # seconds for one read

# Threads, hence database connections, for the sockets of one process.
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sockets")


async def in_thread(read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a read in a thread, and close its connection. Inside `async_to_sync` that is the caller's thread, so that
    the read sees the caller's open transaction; on a server it is one of a small pool. Raises OperationalError where
    the database says nothing for too long: the connection's own deadlines free the thread."""
    if asyncio.get_running_loop() in AsyncToSync.loop_thread_executors:
        call = database_sync_to_async(read)
    else:
        call = database_sync_to_async(read, thread_sensitive=False, executor=_pool)
    try:
        async with asyncio.timeout(DEADLINE):
            return cast(T, await call(*args, **kwargs))
    except TimeoutError as error:
        name = getattr(read, "__name__", "a read")
        raise OperationalError(f"{name}: no answer within {DEADLINE:g} s, given up") from error
