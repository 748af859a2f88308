"""To the sockets of every process, through the channel layer: announcements after the commit, and ad-hoc messages.

What is sent here is a hint that may be lost. A caller never waits long for the layer and never fails because of it.
Every message says which installation it comes from.
"""

import asyncio
import logging
import time
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from base.announcements import org_group_name, user_group_name
from base.messages import Message, OrgEvent, UserEvent
from realtime import installation
from realtime.threads import in_thread

__all__ = [
    "abroadcast_org_event",
    "abroadcast_user_event",
    "broadcast_announcement",
    "broadcast_org_event",
    "broadcast_user_event",
    "org_group_name",
    "user_group_name",
]

logger = logging.getLogger(__name__)

TIMEOUT = 0.5  # seconds that one message may take
PAUSE = 5.0  # seconds without further tries after one failed

_away_until = 0.0  # on the monotonic clock
_scheduled: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references


def broadcast_org_event(*, org_id: int, payload: dict[str, Any]) -> None:
    """Send `payload` as one frame to every open socket of the organization. Best effort: whoever is away does not get
    it. From a running event loop it is scheduled there; there, rather await `abroadcast_org_event`."""
    _publish(org_group_name(org_id), OrgEvent(org_id, payload))


async def abroadcast_org_event(*, org_id: int, payload: dict[str, Any]) -> None:
    """Do `broadcast_org_event` in async code."""
    await _apublish(org_group_name(org_id), OrgEvent(org_id, payload))


def broadcast_user_event(*, user_id: int, payload: dict[str, Any]) -> None:
    """Send `payload` as one frame to every open user socket of one user."""
    _publish(user_group_name(user_id), UserEvent(user_id, payload))


async def abroadcast_user_event(*, user_id: int, payload: dict[str, Any]) -> None:
    """Do `broadcast_user_event` in async code."""
    await _apublish(user_group_name(user_id), UserEvent(user_id, payload))


def broadcast_announcement(*, group: str, message: Message, **_: Any) -> None:
    """Send what was announced to its group: the receiver of `base.announcements.announced`."""
    _publish(group, message)


def _publish(group: str, message: Message) -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        async_to_sync(_send)(group, message, installation.of_sender())
    else:
        task = loop.create_task(_apublish(group, message))
        _scheduled.add(task)
        task.add_done_callback(_scheduled.discard)


async def _apublish(group: str, message: Message) -> None:
    sender = installation.known() or await in_thread(installation.of_sender)
    await _send(group, message, sender)


async def _send(group: str, message: Message, sender: str | None) -> None:
    global _away_until
    layer = get_channel_layer()
    if layer is None or time.monotonic() < _away_until:
        return
    try:
        async with asyncio.timeout(TIMEOUT):
            await layer.group_send(group, message.told() | {installation.KEY: sender})
    except Exception as error:  # noqa: BLE001 - whatever the layer raises, the caller's work is committed
        _away_until = time.monotonic() + PAUSE
        logger.warning(
            "The channel layer does not answer (%s). Sockets follow by polling.", type(error).__name__
        )
