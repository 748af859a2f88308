"""A queue and an event for a socket of its own: asyncio's hold five deques together, mostly empty space for each
socket. Pure asyncio, and no more of it than uvicorn's websocket uses.
"""

import asyncio
from typing import Any


class Gate:
    """As `asyncio.Event`."""

    __slots__ = ("_is_open", "_waiting")

    def __init__(self) -> None:
        self._is_open = False
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_open

    def set(self) -> None:
        self._is_open = True
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def clear(self) -> None:
        self._is_open = False

    async def wait(self) -> bool:
        if self._is_open:
            return True
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        finally:
            self._waiting.remove(future)
        return True


class Mailbox:
    """As `asyncio.Queue`, without a limit."""

    __slots__ = ("_gate", "_items")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._gate = Gate()

    def empty(self) -> bool:
        return not self._items

    def put_nowait(self, item: Any) -> None:
        self._items.append(item)
        self._gate.set()

    async def get(self) -> Any:
        while not self._items:
            self._gate.clear()
            await self._gate.wait()
        return self._items.pop(0)
