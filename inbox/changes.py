"""Tells all of a person's tabs what became of their notifications: one frame for every change of a state.

It carries absolute counts, and the revision and positions that they are exact for.
"""

from msgspec import UNSET, UnsetType, to_builtins

from base.announcements import announce, user_group_name
from base.messages import UserEvent
from inbox.frames import Change, Read, UnreadAgain, UnreadFrame
from inbox.org_inboxes import OrgInbox, counts_by_state, counts_of, org_inboxes
from inbox.states import VIEWS, State


def tell(user_id: int, change: Change) -> None:
    """Announce the change. Counts are read after the commit: read before it they could know of this change and miss
    an event that another announcement has counted already, and no tab could tell which of the two is newer."""

    def message() -> UserEvent:
        frame = unread_frame(org_inboxes(user_id, by_state=True), change)
        return UserEvent(user_id, to_builtins(frame))

    announce(user_group_name(user_id), message)


def unread_frame(places: list[OrgInbox], change: Change) -> UnreadFrame:
    counts = counts_of(places)
    read, unread_again = _read_or_unread(change)
    return UnreadFrame(
        unread=counts.unread,
        at=counts.at,
        revision=counts.revision,
        counts=counts_by_state(places),
        change=change,
        read=read,
        unread_again=unread_again,
    )


def _read_or_unread(change: Change) -> tuple[Read | None, UnreadAgain | UnsetType]:
    """Say the same to a client that knows only read and unread: to it, whatever is not unread is read."""
    is_unread = change.state == State.UNREAD.word
    if change.act == "wake" or (change.event_ids is UNSET and (change.state is UNSET or is_unread)):
        return None, UnreadAgain([], change.mark)
    if change.event_ids is not UNSET:
        return (None, UnreadAgain(change.event_ids)) if is_unread else (Read(change.event_ids), UNSET)
    if change.up_to is UNSET:
        return None, UnreadAgain([], change.mark)
    if State.UNREAD not in VIEWS[change.show or "inbox"]:
        return None, UNSET
    return Read(mark=change.mark, up_to=change.up_to, reason=change.reason or None), UNSET
