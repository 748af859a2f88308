"""What an act did, in one sentence: `6 updates on ACME-28 are done`."""

import datetime as dt
import uuid
from collections.abc import Collection

from django.utils import timezone
from django.utils.dateformat import format as formatted

from events.models import TaskEvent
from inbox.states import Act

SAID: dict[Act, str] = {
    Act.READ: "{} {be} read.",
    Act.UNREAD: "{} {be} unread again.",
    Act.DONE: "{} {be} done.",
    Act.UNDONE: "{} {be} back in the inbox.",
    Act.SNOOZE: "{} {be} snoozed until {until}.",
    Act.SAVE: "{} {be} saved.",
    Act.UNSAVE: "{} {be} no longer saved.",
}
NOTHING = "Nothing was changed: it has changed already, perhaps on another device."
UNDONE = "Undone: {} {be} back as before."
NOTHING_TO_UNDO = (
    "There was nothing left to undo: it was undone or changed already, perhaps on another device."
)


def said(act: Act, changed: int, *, event_ids: Collection[int] = (), until: dt.datetime | None = None) -> str:
    """Say it of as many notifications, which are of these events where they are few."""
    if not changed:
        return NOTHING
    when = formatted(timezone.localtime(until), "D j M, H:i") if until else ""
    return SAID[act].format(_what(changed, event_ids), be=_be(changed), until=when)


def undone(changed: int) -> str:
    return UNDONE.format(_what(changed, ()), be=_be(changed)) if changed else NOTHING_TO_UNDO


def _be(changed: int) -> str:
    return "is" if changed == 1 else "are"


def _what(changed: int, event_ids: Collection[int]) -> str:
    many = "1 update" if changed == 1 else f"{changed:,} updates"
    keys = _keys(event_ids)
    if len(keys) == 1:
        return f"{many} on {keys.pop()}"
    return f"{many} on {len(keys)} tasks" if keys else many


def _keys(event_ids: Collection[int]) -> set[str]:
    found = (
        TaskEvent.objects.filter(pk__in=event_ids).select_related("organization").order_by()
        if event_ids
        else ()
    )
    by_stream: dict[uuid.UUID, TaskEvent] = {event.stream_id: event for event in found}
    return {event.key for event in by_stream.values()}
