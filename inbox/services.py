"""Reading: the only module that changes what is read and what is watched.

Every change raises the inbox's revision, and is announced to all of the user's tabs with absolute counts and the
revision and positions that they are exact for. A mark of many is made a few thousand rows at a time: no lock is
held for long.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from msgspec import to_builtins

from base.announcements import announce, user_group_name
from base.messages import UserEvent
from base.transactions import write_transaction
from inbox.frames import Change, Read, UnreadAgain, unread_frame
from inbox.models import READ, TO_ALL, UNREAD, Inbox, Notification, Watch
from inbox.org_inboxes import counts_of, org_inboxes

BATCH = 5_000  # rows changed in one transaction

Rows = QuerySet[Notification]


class Marked(NamedTuple):
    """How many rows were changed, and the mark's number: the inbox's revision that it began with."""

    changed: int
    mark: int


def mark_read(user_id: int, event_ids: Sequence[int]) -> int:
    """Returns how many were unread. Ids that are not the user's are ignored."""
    rows = _mine(user_id).filter(UNREAD, event_id__in=event_ids)
    with _locked(user_id) as inbox:
        changed = rows.update(read_at=moment_of(inbox.revision))
        if changed:
            _raise(inbox)
            _announce(user_id, Change(read=Read(event_ids=list(event_ids))))
    return changed


def mark_unread(user_id: int, event_ids: Sequence[int]) -> int:
    rows = _mine(user_id).filter(READ, event_id__in=event_ids)
    with _locked(user_id) as inbox:
        changed = rows.update(read_at=None)
        if changed:
            _raise(inbox)
            _announce(user_id, Change(unread_again=UnreadAgain(list(event_ids))))
    return changed


def mark_all_read(user_id: int, up_to: Mapping[int, int], *, reason: str = "") -> Marked:
    """Everything that the reader has been shown. `up_to`: organization id -> id of its newest event that was there when
    the list was made, which stands for a place in that log alone: an event of another organization with a smaller id
    may commit later. `reason`: the list showed nothing else."""
    unread = _mine(user_id).filter(UNREAD, **({"reason": reason} if reason else {}))
    parts = [
        unread.filter(kind, organization_id=org_id, event_id__lte=event_id)
        for org_id, event_id in up_to.items()
        for kind in (TO_ALL, ~TO_ALL)
    ]
    shown = {str(org_id): event_id for org_id, event_id in up_to.items()}
    return _change(
        user_id,
        parts,
        moment_of,
        lambda mark: Change(read=Read(mark=mark, up_to=shown, reason=reason or None)),
    )


def undo_mark(user_id: int, mark: int) -> int:
    """Unread again what that mark read, and nothing else: no two marks of a person have the same moment."""
    rows = _mine(user_id).filter(READ, read_at=moment_of(mark))
    change = Change(unread_again=UnreadAgain([], mark))
    return _change(user_id, [rows], lambda _: None, lambda _: change).changed


def watch(user_id: int, stream_id: uuid.UUID, *, watching: bool) -> None:
    """The caller has checked that the stream is the user's to see."""
    with write_transaction():
        if watching:
            Watch.objects.get_or_create(user_id=user_id, stream_id=stream_id)
        else:
            Watch.objects.filter(user_id=user_id, stream_id=stream_id).delete()


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def moment_of(revision: int) -> dt.datetime:
    """Raises OverflowError."""
    return _EPOCH + revision * _MICROSECOND


def revision_at(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


@contextmanager
def _locked(user_id: int) -> Iterator[Inbox]:
    """Lock the user's inbox until the commit; with the revision that a change under this lock has."""
    with write_transaction(user_group_name(user_id)):
        inboxes = Inbox.objects.select_for_update(no_key=True).filter(pk=user_id)
        inbox = inboxes.first()
        if inbox is None:
            Inbox.objects.bulk_create([Inbox(user_id=user_id)], ignore_conflicts=True)
            inbox = inboxes.get()
        inbox.revision = max(revision_at(timezone.now()), inbox.revision + 1)
        yield inbox


def _raise(inbox: Inbox) -> None:
    inbox.save(update_fields=["revision"])


def _change(
    user_id: int,
    parts: Sequence[Rows],
    read_at: Callable[[int], dt.datetime | None],
    told: Callable[[int], Change],
) -> Marked:
    """Change rows until none is left in any of the parts; the tabs are told at the end."""
    total, mark, left = 0, 0, True
    while left:
        with _locked(user_id) as inbox:
            mark = mark or inbox.revision
            changed = _change_some(parts, read_at(mark))
            total, left = total + changed, changed == BATCH
            if changed:
                _raise(inbox)
            if total and not left:
                _announce(user_id, told(mark))
    return Marked(total, mark)


def _change_some(parts: Sequence[Rows], read_at: dt.datetime | None) -> int:
    changed = 0
    for rows in parts:
        event_ids = list(rows.values_list("event_id", flat=True)[: BATCH - changed])
        if event_ids:
            changed += rows.filter(event_id__in=event_ids).update(read_at=read_at)
        if changed == BATCH:
            break
    return changed


def _mine(user_id: int) -> Rows:
    return Notification.objects.filter(recipient_id=user_id)


def _announce(user_id: int, change: Change) -> None:
    """Counts are read after the commit: read before it they could know of this change and miss an event that another
    announcement has counted already, and no tab could tell which of the two is newer."""

    def message() -> UserEvent:
        return UserEvent(user_id, to_builtins(unread_frame(counts_of(org_inboxes(user_id)), change)))

    announce(user_group_name(user_id), message)
