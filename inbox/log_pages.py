"""An organization's whole log in pages, from the first event on and at any distance, as the frames that all its readers
share: for programs that keep a copy of it."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from msgspec import structs

from base.errors import Fault, Gone, Unreadable
from events.cursors import Cursor
from events.digests import GENESIS
from events.models import AppendOnlyQuerySet, ArchiveJoint, LogHead, TaskEvent
from events.replaced import taken_away
from events.saves import whole_saves
from events.sentences import names_in
from events.sizes import fitting
from inbox.event_frames import event_frame
from inbox.frames import EventFrame
from inbox.replay_pieces import weight

PAGE = 512 * 1024  # bytes of what was written in the events of one page
ANOTHER_HISTORY = (
    "This cursor is of a history that this organization's log does not have: a backup was put back, or it is another "
    "installation's. Drop what you have kept of this organization, and read its log again from the first event, "
    "without after."
)


class AnotherHistory(Gone):
    """The cursor is of a history that this log does not have."""

    code = "another_history"


class LogPage(NamedTuple):
    """`cursor`: where a reader stands who has taken the frames. `archived_upto`: positions up to this one that are not
    there left for the archive; beyond it none is missing."""

    frames: list[EventFrame]
    cursor: str
    more: bool
    archived_upto: int


class _Place(NamedTuple):
    """The head of a log, what a cursor's position has, and where the archive ends, as one statement saw them."""

    position: int
    digest: str
    there: str | None
    archived_upto: int


def log_page(organization_id: int, after: str | None, limit: int, action: str = "") -> LogPage:
    """Read the frames that follow on a cursor, the log's first without one, by four statements at most. With an action
    only the events of that action; the cursor goes past the others. Raises Unreadable for what is no cursor of this
    log, AnotherHistory for one that does not lie in it."""
    start = _start(organization_id, after)
    place = _place(start)
    _require_held(start, place)
    beyond = TaskEvent.objects.filter(
        organization_id=organization_id, position__gt=start.position, position__lte=place.position
    ).order_by("position")
    events, more = readable_first(beyond.filter(action=action) if action else beyond, limit)
    end = Cursor(organization_id, place.position, place.digest[:8])
    if more:
        end = Cursor.at(events[-1]) if events else start
    return LogPage(frames_of(events), str(end), more, place.archived_upto)


def frames_of(events: Sequence[TaskEvent]) -> list[EventFrame]:
    """Make the frames of events, by four queries at most. What a comment said is not in them once it was deleted, as on
    pages."""
    for event in hidden(events):
        event.fact = structs.replace(event.fact, **{event.fact.text_field or "": None})
    saves = whole_saves(events)
    names = names_in(chain.from_iterable(saves.values()))
    return [event_frame(event, names, saves[event.pk]) for event in events]


def hidden(events: Sequence[TaskEvent]) -> list[TaskEvent]:
    """Find those whose text was taken away since: only the audit shows it."""
    gone = taken_away(events)
    return [event for event in events if event.pk in gone]


def readable_first(events: AppendOnlyQuerySet, limit: int) -> tuple[list[TaskEvent], bool]:
    """Load the first of these events, in their order: at most `limit`, with at most PAGE bytes of what was written, but
    one in any case. And whether there are more."""
    sizes = list(events.sized().values_list(*["octets"])[: limit + 1])
    count = min(limit, fitting((weight(octets) for (octets,) in sizes), PAGE))
    return list(events.readable()[:count]) if sizes else [], count < len(sizes)


def _start(organization_id: int, after: str | None) -> Cursor:
    if after is None:
        return Cursor(organization_id, 0, GENESIS[:8])
    cursor = Cursor.parse(after)
    if cursor is None:
        raise _unreadable("This is no cursor. Send the cursor of an answer or a frame as it came.")
    if cursor.org_id != organization_id:
        raise _unreadable("This is a cursor of another organization. Send one of this organization's.")
    return cursor


def _unreadable(words: str) -> Unreadable:
    return Unreadable(words, [Fault("query.after", words)])


def _place(start: Cursor) -> _Place:
    """Read where the log ends, with what it has where the reader stands. A log without a head is empty."""
    here = {"organization_id": OuterRef("organization_id"), "position": start.position}
    joints = ArchiveJoint.objects.filter(organization_id=OuterRef("organization_id")).order_by("-position")
    there = Coalesce(
        Subquery(TaskEvent.objects.filter(**here).values("digest")[:1]),
        Subquery(ArchiveJoint.objects.filter(**here).values("digest")[:1]),
    )
    heads = LogHead.objects.filter(pk=start.org_id)
    row = heads.values_list("position", "digest", there, Subquery(joints.values("position")[:1])).first()
    position, digest, found, archived_upto = row or (0, GENESIS, None, None)
    return _Place(position, digest, found if start.position else GENESIS, archived_upto or 0)


def _require_held(start: Cursor, place: _Place) -> None:
    """Refuse a cursor that does not lie in this history. What is in the archive, within a stretch of it, can be
    compared no more."""
    is_archived = place.there is None and start.position < place.archived_upto
    is_held = start.position <= place.position and (place.there or "").startswith(start.check)
    if not (is_held or is_archived):
        raise AnotherHistory(ANOTHER_HISTORY)
