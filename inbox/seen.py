"""What a reader has been shown: a place in each log, as the page or the bell that showed it says with its cursors."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q

from base.errors import Conflict, Invalid
from events.cursors import Cursor, parse_many
from events.digests import GENESIS
from events.models import TaskEvent
from inbox.org_inboxes import OrgInbox
from inbox.states import State

UpTo = dict[int, int]  # organization id -> id of the newest event that was shown

ANOTHER_HISTORY = (
    "Nothing was marked: this page shows a history that is not here any more. Reload it, then mark again."
)
FROM_BEFORE = "Nothing was marked: this page was made before an update. Reload it, then mark again."
NOT_AN_EVENT = (
    "Say how far you have read: up_to is an event's id, a whole number. Better send seen, a cursor."
)
UNREADABLE = (
    "Say how far you have read: seen is the cursor of the page, one for each organization, with commas."
)


def last_shown(seen: str, places: Sequence[OrgInbox]) -> UpTo:
    """Read how far somebody has seen, by the cursors that a page was made with. Those of organizations that the reader
    does not belong to are ignored. Raises Invalid, or Conflict where a cursor is of another history."""
    cursors = parse_many(seen)
    if not cursors or len(cursors) != len(seen.split(",")[:1000]):
        raise Invalid(UNREADABLE)
    mine = [cursors[place.org_id] for place in places if place.org_id in cursors]
    events = _events_at(mine)
    return {cursor.org_id: _checked(cursor, events.get((cursor.org_id, cursor.position))) for cursor in mine}


def shown_before_an_update(event_id: int, places: Sequence[OrgInbox]) -> UpTo:
    """Read it by an event's id alone, as older pages and clients say it: that tells a place in the event's own log, and
    nothing of any other. Raises Conflict where it is of none."""
    mine = TaskEvent.objects.filter(pk=event_id, organization_id__in=[place.org_id for place in places])
    found = dict(mine.values_list("organization_id", "pk"))
    if not found:
        raise Conflict(FROM_BEFORE)
    return found


def worth_marking(
    up_to: UpTo, places: Iterable[OrgInbox], states: frozenset[State], org_ids: Collection[int] | None = None
) -> UpTo:
    """Keep the organizations that the list was of (None: of all) and that may have something in these states: where
    only what is unread counts, those without are left out."""
    kept = {
        place.org_id
        for place in places
        if (place.unread or states - {State.UNREAD}) and (org_ids is None or place.org_id in org_ids)
    }
    return {org_id: event_id for org_id, event_id in up_to.items() if org_id in kept}


def _events_at(cursors: Iterable[Cursor]) -> dict[tuple[int, int], tuple[int, str]]:
    at = [Q(organization_id=cursor.org_id, position=cursor.position) for cursor in cursors]
    if not at:
        return {}
    found = TaskEvent.objects.filter(Q(*at, _connector=Q.OR))
    rows = found.values_list("organization_id", "position", "pk", "digest")
    return {(org_id, position): (event_id, digest) for org_id, position, event_id, digest in rows}


def _checked(cursor: Cursor, event: tuple[int, str] | None) -> int:
    event_id, digest = event or (0, "" if cursor.position else GENESIS)
    if not digest.startswith(cursor.check):
        raise Conflict(ANOTHER_HISTORY)
    return event_id
