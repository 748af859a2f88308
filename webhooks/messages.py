"""What is posted to a webhook, as a message of Standard Webhooks: of an event, of a reset, of a test. What it
looks like on the wire is the format's (`formats/`)."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from events.cursors import Cursor
from events.models import ArchiveJoint, TaskEvent
from events.saves import whole_saves
from events.sentences import names_in
from inbox.event_frames import event_frame
from inbox.frames import EventFrame
from webhooks.models import Webhook


class Message(msgspec.Struct, kw_only=True):
    """`cursor` and `position` are where the receiver stands once it has taken this. `previous` is the position of the
    event that it took before: where that is not what it has, something is missing, and `after=` brings it.
    `archived_upto`: between the two, what is missing up to this position left for the archive."""

    type: str  # an event's action, `reset` or `test`
    timestamp: str
    data: EventFrame | dict[str, Any]
    cursor: str | UnsetType = UNSET
    position: int | UnsetType = UNSET
    previous: int | UnsetType = UNSET
    archived_upto: int | UnsetType = UNSET


class Outgoing(msgspec.Struct, frozen=True):
    """A message under its name: `webhook-id`, the same however often it is sent."""

    message_id: str
    message: Message

    @property
    def frame(self) -> EventFrame | None:
        return self.message.data if isinstance(self.message.data, EventFrame) else None


def of_events(webhook: Webhook, events: Sequence[TaskEvent]) -> list[Outgoing]:
    """Make those of events in the log's order, `readable`, which go out one after the other."""
    saves = whole_saves(events)
    names = names_in(each for save in saves.values() for each in save)
    found, previous = [], webhook.sent_position
    archived_upto = _archived_upto(webhook.organization_id)
    for event in events:
        frame = event_frame(event, names, saves[event.pk])
        message = Message(
            type=frame.action,
            timestamp=frame.created_at,
            data=frame,
            cursor=frame.cursor,
            position=frame.position,
            previous=previous,
            archived_upto=archived_upto if previous < archived_upto else UNSET,
        )
        found.append(Outgoing(event_message_id(webhook, event), message))
        previous = event.position
    return found


def event_message_id(webhook: Webhook, event: TaskEvent) -> str:
    """Name an event for one webhook. Its digest says which history it is of: after a restore another event may have
    the same position and the same id."""
    return _named("event", webhook.stream_id, event.digest)


def of_reset(webhook: Webhook) -> Outgoing:
    """Say that what follows goes on from the webhook's place, and not from what the receiver has."""
    place = Cursor(webhook.organization_id, webhook.position, webhook.digest[:8])
    data = {"why": webhook.reset_why, "from": webhook.reset_from, "to": str(place)}
    message = Message(
        type="reset",
        timestamp=dt.datetime.now(dt.UTC).isoformat(),
        data=data,
        cursor=str(place),
        position=webhook.position,
    )
    return Outgoing(_named("reset", webhook.stream_id, webhook.reset_from, webhook.digest), message)


def of_test(webhook: Webhook, message_id: str, by: str) -> Outgoing:
    data = {"webhook": webhook.name, "by": by, "says": "This is a test. It is no event of the log."}
    return Outgoing(
        message_id, Message(type="test", timestamp=dt.datetime.now(dt.UTC).isoformat(), data=data)
    )


def _archived_upto(organization_id: int) -> int:
    joints = ArchiveJoint.objects.filter(organization_id=organization_id).order_by("-position")
    return joints.values_list("position", flat=True).first() or 0


def _named(*what: object) -> str:
    digest = hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()
    return f"msg_{digest[:40]}"
