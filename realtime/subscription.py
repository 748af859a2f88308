"""This process's place on the channel layer: one channel, whatever the number of sockets, and the groups it is in."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

SETTLE = 1.0  # seconds that a handshake waits for the layer
RETRY = 1.0  # seconds before a failed loop goes on


class Subscription:
    """`wanted` says which groups it should be in, `handle` takes each message, `joined` hears of each group that from
    now on brings messages."""

    def __init__(
        self,
        wanted: Callable[[], set[str]],
        handle: Callable[[dict[str, Any]], None],
        joined: Callable[[str], None],
    ) -> None:
        self._wanted, self._handle, self._joined = wanted, handle, joined
        self.groups: set[str] = set()
        self._channel: str | None = None
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()

    def regroup(self) -> None:
        """What is wanted has changed."""
        self._settled.clear()
        self._changed.set()

    async def settle(self) -> None:
        """Wait until it is in all wanted groups. With the layer away, go on: the poll finds every event."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE):
                await self._settled.wait()

    def reset(self) -> None:
        self._channel, self.groups = None, set()

    async def receive(self) -> None:
        """A new channel each time it is called: whatever ended the last one, its groups are gone."""
        layer = get_channel_layer()
        assert layer is not None  # noqa: S101
        self._channel, self.groups = await layer.new_channel(), set()
        self.regroup()
        while True:
            message = await layer.receive(self._channel)
            try:
                self._handle(message)
            except Exception:
                logger.exception(
                    "A message of the channel layer could not be handled: %s", message.get("type")
                )

    async def keep_groups(self) -> None:
        """Keep the groups equal to what is wanted: one change at a time, so that none overtakes another."""
        layer = get_channel_layer()
        assert layer is not None  # noqa: S101
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._channel is None:
                continue
            wanted = self._wanted()
            for group in self.groups - wanted:
                await layer.group_discard(group, self._channel)
                self.groups.discard(group)
            for group in wanted - self.groups:
                await layer.group_add(group, self._channel)
                self.groups.add(group)
                self._joined(group)
            if not self._changed.is_set():
                self._settled.set()


async def for_ever(loop: Callable[[], Awaitable[None]], again: Callable[[], None]) -> NoReturn:
    """Start the loop again whenever it fails; `again` is called first."""
    while True:
        try:
            await loop()
        except Exception as error:  # noqa: BLE001 - whatever it is, live updates must go on
            logger.warning("%s failed and starts again: %r", getattr(loop, "__name__", loop), error)
            again()
            await asyncio.sleep(RETRY)
