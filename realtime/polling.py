"""What happens in each process on its own, so that every hint may be lost and every client may be dead: looks at the
database, and a sweep over the sockets. Each loop goes on whatever fails.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings

from base.database_troubles import tell
from base.figures import counter, gauge
from realtime import codes
from realtime.reader import EVICTED, SEND_TIMEOUT

if TYPE_CHECKING:
    from realtime.hub import Hub

logger = logging.getLogger(__name__)

RECHECK = 30.0  # seconds between two looks at who may still listen
SWEEP = 1.0  # seconds between two looks at the sockets themselves
TOKENS = 0.5  # seconds between two looks whether the tokens that hold sockets still count

POLLS = counter("polls", "Looks at the heads of all logs that sockets here follow.", ["ended"])
POLLED_AT = gauge(
    "polled_timestamp_seconds", "When the poll last went well; it runs while there are sockets."
)


def loops(hub: Hub) -> Iterator[Coroutine[Any, Any, NoReturn]]:
    yield for_ever(lambda: settings.POLL_SECONDS, lambda: poll(hub))
    yield for_ever(lambda: RECHECK, lambda: hub.check_rights(list(hub.users)))
    yield for_ever(lambda: TOKENS, hub.check_tokens)
    yield for_ever(lambda: SWEEP, lambda: sweep(hub))


async def for_ever(pause: Callable[[], float], step: Callable[[], Awaitable[None]]) -> NoReturn:
    """Repeat the step. One that fails is tried again after the next pause; only the first failure of a row is told."""
    failing = False
    while True:
        await asyncio.sleep(pause())
        try:
            await step()
            failing = False
        except Exception as error:  # noqa: BLE001 - whatever it is, live updates must go on
            if not tell(error) and not failing:
                logger.warning("Live updates wait: %r", error)
            failing = True


async def poll(hub: Hub) -> None:
    """Fill logs whose head is ahead of their ring. If the head seen at the last poll is still unhinted, hints are
    lost: take a new connection."""
    missed = any(log.hinted < log.expected for log in hub.logs.values())
    try:
        heads = await hub.look(hub.logs.keys(), "poll")
    except Exception:
        POLLS.labels("failed").inc()
        raise
    POLLS.labels("well").inc()
    POLLED_AT.set_to_current_time()
    for org_id, position in heads.items():
        if org_id in hub.logs:
            hub.logs[org_id].expected = position
    if missed:
        hub.layer.restart()


async def after_joining(hub: Hub, org_ids: list[int]) -> None:
    """Fill what was committed before their groups were joined: it had no one to hint it to."""
    for org_id, position in (await hub.look(org_ids, "joining")).items():
        if log := hub.logs.get(org_id):
            log.hinted = max(log.hinted, position)


async def sweep(hub: Hub) -> None:
    """End the sockets that take nothing, and those that are old."""
    hub.measure()
    now = asyncio.get_running_loop().time()
    for reader in hub.readers():
        stuck_since = reader.wire.stuck_since
        if stuck_since is not None and now - stuck_since > SEND_TIMEOUT - SWEEP:
            logger.info("A client has read nothing for %d seconds and is dropped", SEND_TIMEOUT)
            EVICTED.labels("stuck").inc()
            reader.wire.abort()
        elif now > reader.retires_at:
            reader.close(codes.TOO_OLD)
        else:
            reader.wire.tick()
