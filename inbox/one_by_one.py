"""Notifications one by one, newest first, for programs: pages by keyset, which shows none twice and leaves none out,
whatever is marked between two of them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from inbox.as_of import AsOf
from inbox.models import Notification
from inbox.newest import Filters, newest
from inbox.revisions import moment_of
from inbox.states import State
from inbox.wanted import Wanted


class Told(NamedTuple):
    """A notification. `state`: None where nothing tells which it was at a moment. `since` when it has been in it."""

    event_id: int
    reason: str
    state: State | None
    since: dt.datetime | None
    read_at: dt.datetime | None
    snoozed_until: dt.datetime | None


class Page(NamedTuple):
    """`older`: the event id before which the next page begins; None on the last one."""

    told: list[Told]
    older: int | None


class _Row(NamedTuple):
    event_id: int
    reason: str
    state: int
    read_at: dt.datetime | None
    snoozed_until: dt.datetime | None
    mark: int | None
    created_at: dt.datetime

    def today(self) -> Told:
        since = (self.read_at or self.created_at) if self.mark is None else moment_of(self.mark)
        return Told(self.event_id, self.reason, State(self.state), since, self.read_at, self.snoozed_until)

    def then(self, as_of: AsOf) -> Told:
        if as_of.holds(self.mark, self.read_at):
            return self.today()
        if as_of.was_unread(self.state, self.read_at):
            return Told(self.event_id, self.reason, State.UNREAD, self.created_at, None, None)
        return Told(self.event_id, self.reason, None, None, self.read_at, None)


COLUMNS = (*_Row._fields[:-1], "event__created_at")


def page_of(user_id: int, wanted: Wanted, before: int | None, limit: int) -> Page:
    """Find a page of what is meant. What was changed between the two statements, so that it is meant no more, is left
    out."""
    event_ids = _event_ids(user_id, wanted, before, limit + 1)
    told = [row.today() for row in _rows(user_id, event_ids[:limit])]
    return Page([each for each in told if each.state in wanted.states], _older(event_ids, limit))


def page_at(user_id: int, wanted: Wanted, as_of: AsOf, before: int | None, limit: int) -> Page:
    """Find a page of what was meant at a moment. With all states, also that of which the state is not known."""
    rows = wanted._replace(states=frozenset(State)).rows(user_id).filter(as_of.told())
    if wanted.states != frozenset(State):
        rows = rows.filter(as_of.rows(wanted.states))
    if before:
        rows = rows.filter(event_id__lt=before)
    found = [_Row(*row) for row in rows.order_by("-event_id").values_list(*COLUMNS)[: limit + 1]]
    event_ids = [row.event_id for row in found]
    return Page([row.then(as_of) for row in found[:limit]], _older(event_ids, limit))


def told_of(user_id: int, event_id: int) -> Told | None:
    """Find what somebody was told of an event; None where they were not."""
    return next((row.today() for row in _rows(user_id, [event_id])), None)


def told_of_each(user_id: int, event_ids: Sequence[int]) -> list[Told]:
    """Find what somebody was told of these events, the newest first."""
    return [row.today() for row in _rows(user_id, event_ids)]


def _event_ids(user_id: int, wanted: Wanted, before: int | None, limit: int) -> list[int]:
    if not wanted.asks_of_events:
        filters = Filters(wanted.org_ids, wanted.reasons, wanted.states, before)
        return newest(user_id, filters, limit)
    rows = wanted.rows(user_id)
    rows = rows.filter(event_id__lt=before) if before else rows
    return list(rows.order_by("-event_id").values_list("event_id", flat=True)[:limit])


def _rows(user_id: int, event_ids: Iterable[int]) -> list[_Row]:
    found = Notification.objects.filter(recipient_id=user_id, event_id__in=event_ids)
    return [_Row(*row) for row in found.order_by("-event_id").values_list(*COLUMNS)]


def _older(event_ids: Sequence[int], limit: int) -> int | None:
    return event_ids[limit - 1] if len(event_ids) > limit else None
