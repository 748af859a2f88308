"""From a write to the sockets, naively: sent at once, before the commit, and if that fails the write fails too."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from base.messages import LogAppended


def announce(group: str, message: Callable[[], LogAppended]) -> None:
    """In the place of `base.announcements.announce`. Not for a thread whose event loop is running."""
    for hint in hints(message()):
        async_to_sync(get_channel_layer().group_send)(group, hint)


def hints(message: LogAppended) -> Iterator[dict[str, Any]]:
    """One message of the layer for each event. It goes to everybody, so it cannot say what it means to whom."""
    for event in message.events:
        frame = msgspec.json.decode(event.frame) | {"notification": None, "replayed": False}
        yield {"type": "org.event", "payload": frame}
