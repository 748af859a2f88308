"""Tells all of a person's tabs what became of their notifications: one frame for every change of a state.

It carries absolute counts, and the revision and positions that they are exact for.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from base.announcements import announce, user_group_name
from inbox.org_inboxes import org_inboxes, states_frame
from inbox.states import VIEWS, State


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either the `event_ids` that it changed; or, of many, what was shown `up_to` an event of each organization in the
    list that `show` and `reason` name; or, of an undo, whatever the act with this `mark` had changed."""

    act: str  # an Act, "undo" or "wake"
    mark: int
    state: str | None = None
    snoozed_until: dt.datetime | None = None
    event_ids: list[int] | None = None
    up_to: Mapping[int, int] | None = None
    show: str | None = None
    reason: str | None = None


def tell(user_id: int, change: Change) -> None:
    """Counts are read after the commit: read before it they could know of this change and miss an event that another
    announcement has counted already, and no tab could tell which of the two is newer."""

    def message() -> dict[str, Any]:
        counts = states_frame(org_inboxes(user_id, by_state=True))
        told = {"change": msgspec.to_builtins(change, str_keys=True)} | _read_or_unread(change)
        return {"type": "user.event", "user_id": user_id, "payload": {"type": "unread"} | counts | told}

    announce(user_group_name(user_id), message)


def _read_or_unread(change: Change) -> dict[str, Any]:
    """The same for a client that knows only read and unread: to it, whatever is not unread is read."""
    if change.act == "wake" or (change.event_ids is None and change.state in (None, State.UNREAD.word)):
        return {"read": None, "unread_again": {"mark": change.mark, "event_ids": []}}
    if change.state == State.UNREAD.word:
        return {"read": None, "unread_again": {"event_ids": change.event_ids}}
    if change.event_ids is not None:
        return {"read": {"event_ids": change.event_ids}}
    if State.UNREAD not in VIEWS[change.show or "inbox"]:
        return {"read": None}
    up_to = {str(org_id): event_id for org_id, event_id in (change.up_to or {}).items()}
    return {"read": {"mark": change.mark, "up_to": up_to, "reason": change.reason}}
