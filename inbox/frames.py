"""What a client gets for an event, and what differs by reader. Pure: `event_frames` makes a frame of an event."""

from typing import Any, TypedDict

import msgspec

Frame = dict[str, Any]

encode = msgspec.json.Encoder().encode


class Mark(TypedDict):
    """What an event means to one user. `id` is the event's."""

    id: int
    reason: str
    unread: bool


def mark(event_id: int, reason: str | None, *, unread: bool = True) -> Mark | None:
    return None if reason is None else Mark(id=event_id, reason=reason, unread=unread)


class SharedFrame:
    """A frame of the log as many readers get it who catch up: they differ in their marks, and each is encoded once."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._texts: dict[tuple[str | None, bool], bytes] = {}

    def marked(self, reason: str | None, unread: bool) -> Frame:
        mine = mark(self.frame["event_id"], reason, unread=unread)
        return self.frame | {"notification": mine, "replayed": True}

    def text(self, reason: str | None, unread: bool) -> bytes:
        text = self._texts.get((reason, unread))
        if text is None:
            text = self._texts[reason, unread] = encode(self.marked(reason, unread))
        return text
