"""Marks: the only module in which a person's act changes the state of their notifications.

Every act raises the inbox's revision, which is its number, and is told to all of the person's tabs. An act on many is
made a few thousand rows at a time: no lock is held for long. Undoing one gives each row the state that it had, unless
something has changed it since.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, NullIf
from msgspec import UNSET

from inbox.changes import tell
from inbox.frames import Change
from inbox.models import TO_ALL, UNREAD, Notification, in_state
from inbox.revisions import keep, locked, moment_of
from inbox.states import STEPS, VIEWS, Act, State
from inbox.wanted import Wanted

NAMED = 500  # events that a frame names at most; of more it says that there were some
BATCH = 5_000  # rows changed in one transaction

Rows = QuerySet[Notification]
Values = dict[str, Any]


class Marked(NamedTuple):
    """How many rows were changed, and the mark's number: the inbox's revision that it began with."""

    changed: int
    mark: int


def mark(
    user_id: int,
    act: Act,
    event_ids: Sequence[int],
    *,
    until: dt.datetime | None = None,
    org_ids: Collection[int] | None = None,
) -> Marked:
    """Do it with the notifications of these events. Ids that are not the user's are ignored, and what is in no state
    that the act leads from. `until`: of a snooze, and only there. `org_ids`: of these organizations alone; None for
    any."""
    rows = _concerned(user_id, act, until).filter(event_id__in=event_ids, state__in=STEPS[act].sources)
    rows = _within(org_ids, rows)
    with locked(user_id) as inbox:
        number = inbox.revision
        changed = rows.update(**_values(act, number, until))
        if changed:
            keep(inbox)
            all_of_them = changed == len(event_ids)
            ids = event_ids if all_of_them else _marked(user_id, number).values_list("event_id", flat=True)
            tell(user_id, _change(act, number, until, event_ids=list(ids)))
    return Marked(changed, number)


def mark_all(
    user_id: int,
    act: Act,
    up_to: Mapping[int, int],
    *,
    show: str = "inbox",
    reason: str = "",
    revision: int | None = None,
    until: dt.datetime | None = None,
) -> Marked:
    """Do it with everything that the reader has been shown. `up_to`: organization id -> id of its newest event that was
    there when the list was made, which stands for a place in that log alone: an event of another organization with a
    smaller id may commit later. `show` (a key of VIEWS) and `reason`: the list showed nothing else. `revision`: of the
    inbox as it was then; what has changed its state since is left alone."""
    rows = _concerned(user_id, act, until).filter(**({"reason": reason} if reason else {}))
    rows = _unchanged_since(revision, rows)
    parts = [
        rows.filter(stored, organization_id=org_id, event_id__lte=event_id)
        for org_id, event_id in up_to.items()
        for stored in _indexed(STEPS[act].sources & VIEWS[show])
    ]

    shown = {str(org_id): event_id for org_id, event_id in up_to.items()}

    def change(number: int) -> Change:
        return _change(act, number, until, up_to=shown, show=show, reason=reason or UNSET)

    return _in_lots(user_id, parts, lambda number: _values(act, number, until), change)


def mark_threads(
    user_id: int,
    act: Act,
    threads: Mapping[uuid.UUID, int],
    wanted: Wanted,
    *,
    revision: int | None = None,
    until: dt.datetime | None = None,
) -> Marked:
    """Do it with what a list showed of some threads. `threads`: stream id -> id of the newest event that was there.
    `wanted`: the list showed nothing else. `revision`: as in `mark_all`."""
    shown = [Q(event__stream_id=stream_id, event_id__lte=event_id) for stream_id, event_id in threads.items()]
    meant = {str(stream_id): event_id for stream_id, event_id in threads.items()}
    return _mark_shown(user_id, act, wanted, shown, revision, until, threads=meant)


def mark_wanted(
    user_id: int,
    act: Act,
    up_to: Mapping[int, int],
    wanted: Wanted,
    *,
    revision: int | None = None,
    until: dt.datetime | None = None,
) -> Marked:
    """Do what `mark_all` does with a list that any words make."""
    shown = [Q(organization_id=org_id, event_id__lte=event_id) for org_id, event_id in up_to.items()]
    return _mark_shown(user_id, act, wanted, shown, revision, until)


def _mark_shown(
    user_id: int,
    act: Act,
    wanted: Wanted,
    shown: list[Q],
    revision: int | None,
    until: dt.datetime | None,
    **which: Any,
) -> Marked:
    rows = wanted.rows(user_id).filter(state__in=STEPS[act].sources)
    if act is Act.SNOOZE:
        rows = rows.exclude(state=State.SNOOZED, snoozed_until=until)
    rows = _unchanged_since(revision, rows).filter(Q(*shown, _connector=Q.OR))
    return _mark_named(user_id, act, [rows] if shown else [], until, **which)


def _mark_named(
    user_id: int, act: Act, parts: Sequence[Rows], until: dt.datetime | None, **which: Any
) -> Marked:
    """Do it, and tell the tabs which events it was about."""
    return _in_lots(
        user_id,
        parts,
        lambda number: _values(act, number, until),
        lambda number: _named(user_id, act, number, until, **which),
    )


def _unchanged_since(revision: int | None, rows: Rows) -> Rows:
    """Leave out what has changed its state since that revision of the inbox."""
    return rows if revision is None else rows.filter(Q(mark=None) | Q(mark__lte=revision))


def _named(user_id: int, act: Act, number: int, until: dt.datetime | None, **which: Any) -> Change:
    """Make the change with the events that it was about, unless they are too many to name."""
    event_ids = list(_marked(user_id, number).values_list("event_id", flat=True)[: NAMED + 1])
    named = {"event_ids": event_ids} if len(event_ids) <= NAMED else {}
    return _change(act, number, until, **which, **named)


def mark_between(user_id: int, act: Act, rows: Rows, *, revision: int | None = None) -> Marked:
    """Do it with what the reader was shown of these notifications of theirs. `revision`: as in `mark_all`."""
    rows = _unchanged_since(revision, rows.filter(state__in=STEPS[act].sources))
    return _mark_named(user_id, act, [rows], None)


def undo(user_id: int, mark: int, *, org_ids: Collection[int] | None = None) -> int:
    """Give back what that act changed and nothing has changed since. Returns how many. `org_ids`: as in `mark`."""
    before = {
        "state": F("state_before"),
        "snoozed_until": F("snoozed_until_before"),
        "read_at": NullIf("read_at", moment_of(mark)),  # unless it had been read before
    }
    rows = _within(org_ids, _marked(user_id, mark).exclude(state_before=None))
    return _in_lots(
        user_id, [rows], lambda number: before | for_good(number), lambda _: Change("undo", mark)
    ).changed


def for_good(number: int) -> Values:
    """Give the values with which a change cannot be undone."""
    return {"mark": number, "state_before": None, "snoozed_until_before": None}


def _values(act: Act, number: int, until: dt.datetime | None) -> Values:
    return {
        "state": STEPS[act].target,
        "snoozed_until": until,  # nor is it what came back any more
        "read_at": Coalesce("read_at", moment_of(number)),
        "mark": number,
        "state_before": F("state"),
        "snoozed_until_before": F("snoozed_until"),
    }


def _change(act: Act, number: int, until: dt.datetime | None, **which: Any) -> Change:
    return Change(act, number, STEPS[act].target.word, until or UNSET, **which)


def _concerned(user_id: int, act: Act, until: dt.datetime | None) -> Rows:
    """Find what the act is for: of the user's notifications, not those that are snoozed until that very moment
    already."""
    mine = Notification.objects.filter(recipient_id=user_id)
    return mine.exclude(state=State.SNOOZED, snoozed_until=until) if act is Act.SNOOZE else mine


def _within(org_ids: Collection[int] | None, rows: Rows) -> Rows:
    return rows if org_ids is None else rows.filter(organization_id__in=org_ids)


def _marked(user_id: int, number: int) -> Rows:
    return Notification.objects.filter(recipient_id=user_id, mark=number)


def _indexed(states: frozenset[State]) -> list[Q]:
    """List one condition for each index that has rows in these states."""
    handled = [in_state(state) for state in sorted(states - {State.UNREAD})]
    return [*([UNREAD & TO_ALL, UNREAD & ~TO_ALL] if State.UNREAD in states else []), *handled]


def _in_lots(
    user_id: int, parts: Sequence[Rows], values: Callable[[int], Values], change: Callable[[int], Change]
) -> Marked:
    """Change rows until none is left in any of the parts; the tabs are told at the end."""
    total, number, left = 0, 0, True
    while left:
        with locked(user_id) as inbox:
            number = number or inbox.revision
            changed = _change_some(user_id, parts, values(number))
            total, left = total + changed, changed == BATCH
            if changed:
                keep(inbox)
            if total and not left:
                tell(user_id, change(number))
    return Marked(total, number)


def _change_some(user_id: int, parts: Sequence[Rows], values: Values) -> int:
    changed = 0
    mine = Notification.objects.filter(recipient_id=user_id)  # by the key: a part may ask of the events too
    for rows in parts:
        event_ids = list(rows.values_list("event_id", flat=True)[: BATCH - changed])
        if event_ids:
            changed += mine.filter(event_id__in=event_ids).update(**values)
        if changed == BATCH:
            break
    return changed
