"""What a client gets for an event: the same on the socket and in the API."""

from typing import Any, TypedDict

import msgspec

from events.cursors import Cursor
from events.models import TaskEvent
from events.sentences import Names, sentence, user_ids
from inbox.states import State

Frame = dict[str, Any]

encode = msgspec.json.Encoder().encode


class Mark(TypedDict):
    """What an event means to one user. `id` is the event's."""

    id: int
    reason: str
    unread: bool
    state: str


def mark(event_id: int, reason: str | None, state: State = State.UNREAD) -> Mark | None:
    if reason is None:
        return None
    return Mark(id=event_id, reason=reason, unread=state == State.UNREAD, state=state.word)


def task_event_frame(event: TaskEvent, names: Names) -> Frame:
    """The frame without `notification` and `replayed`, which differ by reader. Ids and public words only: no address,
    no e-mail, no markup. `event.organization` and `event.actor` must be loaded."""
    return {
        "type": "task_event",
        "org_id": event.organization_id,
        "task_id": str(event.stream_id),
        "action": event.action,
        "actor_id": event.actor_id,
        "details": event.public_details,
        "created_at": event.created_at.isoformat(),
        "position": event.position,
        "version": event.version,
        "cursor": str(Cursor.at(event)),
        "event_id": event.pk,
        "key": event.key,
        "number": event.task_number,
        "subject": event.subject,
        "actor": event.actor.display_name,
        "sentence": sentence(event, names),
        "names": {str(user_id): names[user_id] for user_id in sorted(user_ids(event)) if user_id in names},
    }


class SharedFrame:
    """A frame of the log as many readers get it who catch up: they differ in their marks, and each is encoded once."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._texts: dict[tuple[str | None, State], bytes] = {}

    def marked(self, reason: str | None, state: State) -> Frame:
        mine = mark(self.frame["event_id"], reason, state)
        return self.frame | {"notification": mine, "replayed": True}

    def text(self, reason: str | None, state: State) -> bytes:
        text = self._texts.get((reason, state))
        if text is None:
            text = self._texts[reason, state] = encode(self.marked(reason, state))
        return text
