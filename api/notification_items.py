"""A notification as programs read it: the frame of its event, as on the sockets, with what it is to its reader."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Self

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import fields

from api.notification_why import Why
from events.models import TaskEvent
from inbox.frames import EventFrame
from inbox.log_pages import frames_of
from inbox.one_by_one import Told
from inbox.org_inboxes import OrgInbox
from inbox.states import State
from tasks.frames import TaskEventFrame


class NotificationState(msgspec.Struct, kw_only=True):
    """What an event is to its reader. `id` is the event's. `state` is null where an inbox of a moment is asked for, and
    nothing tells which it was then."""

    id: int
    reason: str
    state: str | None
    unread: bool | None
    since: dt.datetime | None
    read_at: dt.datetime | None
    snoozed_until: dt.datetime | None


class ItemOrg(msgspec.Struct, kw_only=True):
    """The organization that it happened in."""

    id: int
    slug: str
    name: str

    @classmethod
    def of(cls, place: OrgInbox) -> Self:
        return cls(id=place.org_id, slug=place.slug, name=place.name)


class TaskItem(TaskEventFrame, kw_only=True, tag="task_event"):
    """An event of a task."""

    org: ItemOrg
    notification: NotificationState | None
    why: Why | UnsetType = UNSET


class EventItem(EventFrame, kw_only=True, tag="event"):
    """An event of something else than a task."""

    org: ItemOrg
    notification: NotificationState | None
    why: Why | UnsetType = UNSET


Item = TaskItem | EventItem


def items_of(told: Sequence[Told], places: Iterable[OrgInbox]) -> list[Item]:
    """Make items in the order given. Of an event that is gone, because somebody restores a backup, there is none."""
    events = TaskEvent.objects.readable().filter(pk__in=[each.event_id for each in told])
    frames = {frame.event_id: frame for frame in frames_of(list(events))}
    orgs = {place.org_id: ItemOrg.of(place) for place in places}
    return [
        item_of(frame, orgs[frame.org_id], each)
        for each in told
        if (frame := frames.get(each.event_id)) and frame.org_id in orgs
    ]


def item_of(frame: EventFrame, org: ItemOrg, told: Told | None) -> Item:
    """Put a frame and what it is to its reader together."""
    kind = TaskItem if isinstance(frame, TaskEventFrame) else EventItem
    shared: dict[str, Any] = {field.name: getattr(frame, field.name) for field in fields(frame)}
    return kind(**shared, org=org, notification=told and _notification(told))


def _notification(told: Told) -> NotificationState:
    return NotificationState(
        id=told.event_id,
        reason=told.reason,
        state=None if told.state is None else told.state.word,
        unread=None if told.state is None else told.state is State.UNREAD,
        since=told.since,
        read_at=told.read_at,
        snoozed_until=told.snoozed_until,
    )
