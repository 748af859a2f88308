"""Where sockets read the database: never on the event loop, and never many at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar, cast

from asgiref.sync import AsyncToSync
from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")

# Threads, hence database connections, for the sockets of one process.
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sockets")


async def in_thread(read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a read in a thread, and close its connection. Inside `async_to_sync` that is the caller's thread, so that
    the read sees the caller's open transaction; on a server it is one of a small pool."""
    if asyncio.get_running_loop() in AsyncToSync.loop_thread_executors:
        call = database_sync_to_async(read)
    else:
        call = database_sync_to_async(read, thread_sensitive=False, executor=_pool)
    return cast(T, await call(*args, **kwargs))
