"""What a user's socket is told that a token of one organization opened: of changes in the inbox, that one's alone."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from inbox.changes import unread_frame
from inbox.frames import Change, UnreadFrame
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes
from orgs.limited import limited_to


def unread_within(user_id: int, org_id: int, payload: Mapping[str, Any]) -> UnreadFrame | None:
    """Make the frame of a change anew, with the counts of one organization; None where nothing of it changed."""
    change = _within(user_id, org_id, msgspec.convert(payload["change"], Change))
    if change.event_ids == [] or change.up_to == {}:
        return None
    with limited_to(org_id):
        return unread_frame(org_inboxes(user_id, by_state=True), change)


def _within(user_id: int, org_id: int, change: Change) -> Change:
    """Leave out what it says of other organizations."""
    named = [*(change.event_ids or ()), *(change.threads or {}).values()]
    mine = Notification.objects.filter(recipient=user_id, organization_id=org_id, event__in=named)
    here = set(mine.values_list("event_id", flat=True))
    kept: dict[str, Any] = {}
    if change.event_ids is not UNSET:
        kept["event_ids"] = [event_id for event_id in change.event_ids if event_id in here]
    if change.threads is not UNSET:
        kept["threads"] = {stream: newest for stream, newest in change.threads.items() if newest in here}
    if change.up_to is not UNSET:
        kept["up_to"] = {key: event_id for key, event_id in change.up_to.items() if key == str(org_id)}
    return msgspec.structs.replace(change, **kept)
