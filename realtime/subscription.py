"""This process's place on the channel layer: one channel, whatever the number of sockets, and the groups it is in."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Any, NoReturn, TypeVar

from channels.layers import get_channel_layer

from base import dependencies
from base.figures import counter, gauge

logger = logging.getLogger(__name__)

T = TypeVar("T")

SETTLE = 1.0  # seconds that a handshake waits for the layer
RETRY = 1.0  # seconds before a failed session is tried again
RENEW = 300.0  # seconds after which groups are joined again: a layer may let them expire
RESTART_PAUSE = 10.0  # seconds between two restarts at least
TURN = 100  # messages after which others get a turn: with many waiting, `receive` does not give them one
GOODBYE = 2.0  # seconds for leaving the groups
STEP = 5.0  # seconds that the layer may take for one thing that it is asked


LAYER = gauge("layer_up", "Whether the channel layer answers, where this process hears and sends.", ["way"])
RESTARTS = counter("layer_restarts", "New connections to the channel layer because hints were missed.")


class Restart(Exception):
    """Hints are being missed."""


class Subscription:
    """`handle` takes each message, `joined` hears of the groups that from now on bring messages."""

    def __init__(self, handle: Callable[[dict[str, Any]], None], joined: Callable[[set[str]], None]) -> None:
        self._handle, self._joined = handle, joined
        self._wanted: set[str] = set()
        self._groups: set[str] = set()  # those that the channel of this session is in
        self._changed = asyncio.Event()
        self._settling: list[asyncio.Future[None]] = []
        self._missed = asyncio.Event()
        self._restarted_at = float("-inf")
        self._failing = False

    def want(self, group: str) -> bool:
        """Bring this group's messages from now on. True when they come already."""
        self._wanted.add(group)
        self._changed.set()
        return group in self._groups

    def drop(self, group: str) -> None:
        self._wanted.discard(group)
        self._changed.set()

    def restart(self) -> None:
        """Take a new connection, a new channel and all groups anew, for hints were missed; but not all the time."""
        if time.monotonic() - self._restarted_at >= RESTART_PAUSE:
            self._restarted_at = time.monotonic()
            self._missed.set()

    async def settle(self) -> None:
        """Wait until it is in all groups wanted by now. With the layer away, go on: the poll finds every event."""
        if not self._failing:
            settled = asyncio.get_running_loop().create_future()
            self._settling.append(settled)
            self._changed.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE):
                    await settled

    async def run(self) -> NoReturn:
        """Run one session after the other; a session ends by a failure or a restart."""
        while True:
            try:
                await self._session()
            except* Restart:
                RESTARTS.inc()
                logger.warning("Hints were missed: the channel layer is joined anew.")
                await self._forget_connection()
            except* Exception as errors:  # noqa: BLE001 - whatever it is, hints must come again
                dependencies.layer().failed(errors.exceptions[0])
                self._failing = True
                LAYER.labels("hears").set(0)
                await asyncio.sleep(RETRY)

    async def _session(self) -> None:
        """Live the life of one channel: whatever ends it, its groups are gone."""
        layer = get_channel_layer()
        assert layer is not None  # noqa: S101
        self._missed.clear()
        channel = await _within_step(layer.new_channel())
        self._groups = set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive(layer, channel))
                tasks.create_task(self._keep_groups(layer, channel))
                tasks.create_task(self._until_missed())
        finally:
            await self._leave(layer, channel)

    async def _receive(self, layer: Any, channel: str) -> None:
        carries = dependencies.layer()
        for number in count(1):
            if number % TURN == 0:
                await asyncio.sleep(0)
            message = await layer.receive(channel)
            carries.works()
            try:
                self._handle(message)
            except Exception:
                logger.exception(
                    "A message of the channel layer could not be handled: %s", message.get("type")
                )

    async def _keep_groups(self, layer: Any, channel: str) -> NoReturn:
        """Keep the groups equal to what is wanted: one change at a time, so that none overtakes another."""
        while True:
            self._changed.clear()
            settling, self._settling = self._settling, []
            for group in self._groups - self._wanted:
                self._groups.discard(group)
                await _within_step(layer.group_discard(group, channel))
            new = self._wanted - self._groups
            for group in new:
                await _within_step(layer.group_add(group, channel))
                self._groups.add(group)
            if new:
                dependencies.layer().works()
                self._joined(new)
            self._failing = False
            LAYER.labels("hears").set(1)
            for settled in settling:
                if not settled.done():  # nobody waits for it any more
                    settled.set_result(None)
            await self._renew_until_changed(layer, channel)

    async def _renew_until_changed(self, layer: Any, channel: str) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW):
                    await self._changed.wait()
                    return
            for group in list(self._groups):
                await _within_step(layer.group_add(group, channel))

    async def _until_missed(self) -> NoReturn:
        await self._missed.wait()
        raise Restart

    async def _leave(self, layer: Any, channel: str) -> None:
        """Leave the groups: the layer would keep them for a channel that nobody reads."""
        left, self._groups = self._groups, set()
        try:
            async with asyncio.timeout(GOODBYE):
                for group in left:
                    await layer.group_discard(group, channel)
        except Exception as error:  # noqa: BLE001 - a layer that is away keeps nothing
            logger.debug("The groups could not be left: %r", error)

    async def _forget_connection(self) -> None:
        """Drop a connection that is dead: Redis behind it says nothing and raises nothing. Of this layer, `flush`
        drops the connection and nothing else; of others it would drop everybody's messages."""
        from channels_redis.pubsub import RedisPubSubChannelLayer  # not without Redis

        layer = get_channel_layer()
        if isinstance(layer, RedisPubSubChannelLayer):
            try:
                async with asyncio.timeout(GOODBYE):
                    await layer.flush()
            except Exception as error:  # noqa: BLE001 - then the next session fails, and tells of it
                logger.debug("The connection could not be dropped: %r", error)


async def _within_step(asked: Awaitable[T]) -> T:
    """Bound one step: a Redis that neither answers nor breaks the connection must not hold the session for ever."""
    try:
        async with asyncio.timeout(STEP):
            return await asked
    except TimeoutError as error:
        raise TimeoutError(f"no answer within {STEP:g} s, given up") from error
