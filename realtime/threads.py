"""Where sockets read the database: never on the event loop, and never many at once."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import ThreadSensitiveContext
from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4  # threads, hence database connections, for the sockets of one process

_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def in_thread(read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a read in a thread of its own. Inside `async_to_sync` it runs in the caller's thread instead, and so sees
    the caller's open transaction."""
    slots = _slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(READERS))
    async with slots, ThreadSensitiveContext():
        return await database_sync_to_async(read)(*args, **kwargs)
