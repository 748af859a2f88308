"""What a client gets for an event: the same on the socket and in the API."""

from typing import Any, TypedDict

import msgspec

from events.cursors import Cursor
from events.models import TaskEvent
from events.sentences import sentence, user_ids
from events.telling import Names

Frame = dict[str, Any]

encode = msgspec.json.Encoder().encode


class Mark(TypedDict):
    """What an event means to one user. `id` is the event's."""

    id: int
    reason: str
    unread: bool


def mark(event_id: int, reason: str | None, *, unread: bool = True) -> Mark | None:
    return None if reason is None else Mark(id=event_id, reason=reason, unread=unread)


def task_event_frame(event: TaskEvent, names: Names) -> Frame:
    """The frame without `notification` and `replayed`, which differ by reader. Ids and public words only: no address,
    no e-mail, no markup. `event.organization` and `event.actor` must be loaded."""
    about = event.about
    of_any_other = {} if about.stands_in else {"about": about.name}
    return of_any_other | {
        "type": about.frame_type,
        "org_id": event.organization_id,
        about.id_key: str(event.stream_id),
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
        "page": event.page,
        "subject": event.subject,
        "actor": event.actor.display_name,
        "sentence": sentence(event, names),
        "names": {str(user_id): names[user_id] for user_id in sorted(user_ids(event)) if user_id in names},
    }


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
