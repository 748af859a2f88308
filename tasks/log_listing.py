"""An organization's log, newest first: filtered, by pages that begin at a position, never by OFFSET."""

import datetime as dt
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from events.models import TaskEvent
from events.saves import Save, lasts_of_saves, whole_saves
from orgs.models import Membership, User
from search.matching import matching
from tasks.models import Task

PAGE = 50
EXCERPT = 1_000  # characters of a comment: more than the page shows of it
# Times are given under the same lock as positions, so both rise together, but for the clocks of several hosts. That
# many events may stand on the wrong side of a time and are still found.
CLOCKS = 1_000
MOST = 2**63 - 1  # what a database can compare with

Events = QuerySet[TaskEvent]


class Filters(NamedTuple):
    """Days are the reader's, both included. Empty means any."""

    actor_id: int | None = None
    stream_id: uuid.UUID | None = None
    action: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Saves, newest first, each whole. `older` and `newer` are the positions where the neighbouring pages begin; None
    at the ends."""

    saves: list[Save]
    older: int | None
    newer: int | None
    not_searched: int = 0  # how many events the search for a text has not seen yet


def history_page(
    organization_id: int, filters: Filters, before: int | None = None, after: int | None = None
) -> HistoryPage:
    """Load the newest page; or the one just before a position, or just after one. A save stands where its last event
    is; by an action or by words it is found if any of its events is, and is shown whole."""
    log = _FilteredLog(organization_id, filters)
    if after is not None:
        found = list(log.between(after + 1, None).order_by(log.order)[: PAGE + 1])
        if len(found) > PAGE:
            saves = log.saves(found[PAGE - 1 :: -1])
            return HistoryPage(saves, _beginning(saves), _end(saves), log.not_searched)
        before = None  # what is left is the newest page
    found = list(log.between(None, before).order_by("-" + log.order)[: PAGE + 1])
    more, saves = len(found) > PAGE, log.saves(found[:PAGE])
    newer = None if before is None else _end(saves) if saves else max(0, before - 1)
    return HistoryPage(saves, _beginning(saves) if more else None, newer, log.not_searched)


def _beginning(saves: Sequence[Save]) -> int:
    return saves[-1][0].position


def _end(saves: Sequence[Save]) -> int:
    return saves[0][-1].position


class _FilteredLog:
    """An organization's events under filters. Positions and ids rise together, and so do the versions of one task. Each
    order has its indexes: those of actors and actions hold ids, a task's holds versions, the log's own positions."""

    def __init__(self, organization_id: int, filters: Filters) -> None:
        self.organization_id = organization_id
        self.place = "id" if filters.actor_id or filters.action or filters.stream_id else "position"
        self.order = "version" if filters.stream_id else self.place
        wanted = {"actor_id": filters.actor_id, "stream_id": filters.stream_id, "action": filters.action}
        found = TaskEvent.objects.excerpted(EXCERPT).filter(organization_id=organization_id)
        self.found: Events = found.filter(**{name: value for name, value in wanted.items() if value})
        self.not_searched = 0
        if filters.text:
            matches = matching([organization_id], filters.text)
            self.found, self.not_searched = self.found.filter(matches.in_events()), matches.not_searched
        if not (filters.action or filters.text):  # all else is the same for all events of a save
            self.found = self.found.exclude(parts=0)
        self.low, self.high = 1, MOST
        if filters.since:
            start = _moment(filters.since, dt.time.min)
            self.found = self.found.filter(created_at__gte=start)
            self.low = first_position_at(organization_id, start) - CLOCKS
        if filters.until:
            end = _moment(filters.until, dt.time.max)
            self.found = self.found.filter(created_at__lte=end)
            self.high = first_position_at(organization_id, end) + CLOCKS

    def between(self, low: int | None, high: int | None) -> Events:
        """Select from the position `low` up to, not including, `high`."""
        low, high = max(self.low, low or 1), min(self.high, MOST if high is None else high)
        if self.place == "id":
            low, high = (self._first_id(position) for position in (low, high))
        return self.found.filter(**{f"{self.place}__gte": low, f"{self.place}__lt": high})

    def saves(self, found: Sequence[TaskEvent]) -> list[Save]:
        """Give the saves of these events, in their order, each once and whole."""
        loaded = TaskEvent.objects.excerpted(EXCERPT).filter(organization_id=self.organization_id)
        lasts = lasts_of_saves(found, loaded)
        whole = whole_saves(lasts, loaded)
        return [whole[last.pk] for last in lasts]

    def _first_id(self, position: int) -> int:
        """Find the lowest id of the events at this position and after it; beyond all ids if there is none."""
        events = TaskEvent.objects.filter(organization_id=self.organization_id, position__gte=position)
        return events.order_by("position").values_list("pk", flat=True).first() or MOST


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    """Find it in the reader's zone. The first and the last days that there are have none there, but one in UTC."""
    with suppress(OverflowError):
        return dt.datetime.combine(day, time, timezone.get_current_timezone()).astimezone(dt.UTC)
    return dt.datetime.combine(day, time, dt.UTC)


def first_position_at(organization_id: int, moment: dt.datetime) -> int:
    """Find the position of the first event at this moment or after it; one beyond the log if there is none.
    Read from the index `event_organization_time`."""
    later = TaskEvent.objects.filter(organization_id=organization_id, created_at__gte=moment)
    first = later.order_by("created_at", "position").values_list("position", flat=True).first()
    return MOST - CLOCKS if first is None else first


def person_in(organization_id: int, username: str) -> User | None:
    """Find a member, or somebody who left and did something here; None for anybody else."""
    person = User.objects.named(username)
    if person is None:
        return None
    here = {"organization_id": organization_id}
    known = (
        Membership.objects.filter(user=person, **here).exists()
        or TaskEvent.objects.filter(actor=person, **here).exists()
    )
    return person if known else None


def stream_of(organization_id: int, number: int) -> uuid.UUID | None:
    tasks = Task.objects.filter(organization_id=organization_id, number=number)
    return tasks.values_list("pk", flat=True).first()
