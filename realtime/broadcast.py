"""To the sockets of every process, through the channel layer: announcements after the commit, and ad-hoc messages.

What is sent here is a hint that may be lost. A caller does not wait for the layer and never fails because of it; only
who awaits an async form waits, and not for long. Every message says which installation it comes from.
"""

import asyncio
import time
from typing import Any

import msgspec
from channels.layers import get_channel_layer
from django.db import OperationalError

from base import dependencies
from base.announcements import org_group_name, user_group_name
from base.figures import counter
from base.messages import Message, OrgEvent, UserEvent
from realtime import installation
from realtime.outbox import Outgoing
from realtime.sender import Sender, keep
from realtime.subscription import LAYER
from realtime.threads import in_thread

__all__ = [
    "abroadcast_org_event",
    "abroadcast_user_event",
    "broadcast_announcement",
    "broadcast_org_event",
    "broadcast_user_event",
    "org_group_name",
    "sender",
    "user_group_name",
]

TIMEOUT = 0.5  # seconds that one message may take
PAUSE = 5.0  # seconds without further tries after one failed
NOBODY = "nobody"  # the group that nobody is in

ANNOUNCEMENTS = counter(
    "announcements", "Messages for the channel layer, by what became of them.", ["result"]
)

_away_until = 0.0  # on the monotonic clock


def broadcast_org_event(*, org_id: int, payload: dict[str, Any]) -> None:
    """Send `payload` as one frame to every open socket of the organization. Best effort: whoever is away does not get
    it. In a running event loop, rather await `abroadcast_org_event`."""
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


def look_for_layer() -> None:
    """Send a message to nobody, so that a layer that has gone or is back is noticed where nothing else is sent."""
    sender.hand_over(Outgoing(NOBODY, {"type": NOBODY}, NOBODY, 0))


def _publish(group: str, message: Message) -> None:
    """Hand the message over as it is now, and with the name of the database that has just committed."""
    if not _is_away():
        told = message.told()
        sender.hand_over(Outgoing(group, told, _installation(), len(msgspec.msgpack.encode(told))))
    else:
        ANNOUNCEMENTS.labels("not_tried").inc()


async def _apublish(group: str, message: Message) -> None:
    await _send(Outgoing(group, message.told(), None, 0))


def _installation() -> str | None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return installation.of_sender()
    return installation.known()  # nobody may ask the database here: whoever sends it does


async def _send(outgoing: Outgoing) -> None:
    """Send it, unless the layer has just failed. Whatever the layer raises, the caller's work is committed."""
    global _away_until
    layer = get_channel_layer()
    if layer is None or _is_away():
        ANNOUNCEMENTS.labels("not_tried").inc()
        return
    comes_from = {installation.KEY: outgoing.sender or installation.known() or await _asked()}
    try:
        async with asyncio.timeout(TIMEOUT):
            await layer.group_send(outgoing.group, outgoing.told | comes_from)
        ANNOUNCEMENTS.labels("sent").inc()
        LAYER.labels("sends").set(1)
        dependencies.layer().works()
    except Exception as error:  # noqa: BLE001
        ANNOUNCEMENTS.labels("failed").inc()
        LAYER.labels("sends").set(0)
        _away_until = time.monotonic() + PAUSE
        dependencies.layer().failed(_words(error))


async def _asked() -> str | None:
    try:
        return await in_thread(installation.of_sender)
    except OperationalError:
        return None


def _words(error: Exception) -> Exception | str:
    return f"no answer within {TIMEOUT:g} s" if isinstance(error, TimeoutError) else error


def _is_away() -> bool:
    return time.monotonic() < _away_until


sender = Sender(_send)
keep(sender)
