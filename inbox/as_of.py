"""The inbox as it was at a moment: what a notification's row tells of its state then, and what it does not.

A row keeps when it was first taken out of unread, and its last change; nothing of the changes between these two. What
it was meanwhile is not guessed. An act that was undone counts as not having been.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from base.errors import Fault, Gone, Unprocessable
from events.models import TaskEvent
from inbox.org_inboxes import COUNTED
from inbox.retention import cleared_before
from inbox.revisions import revision_at
from inbox.states import State
from inbox.wanted import Wanted
from orgs.models import Organization

NO_MOMENT = "Say which moment: a time that is past, and not before all time."


class NotKept(Gone):
    """What was read or done then has been cleared since."""

    code = "not_kept"


class AsOf(NamedTuple):
    """A moment, and organization id -> id of the newest event that had happened; one without any is missing."""

    moment: dt.datetime
    up_to: Mapping[int, int]

    def holds(self, mark: int | None, read_at: dt.datetime | None) -> bool:
        """Say whether a row was then as it is today."""
        return (mark is None or mark <= self._number) and (read_at is None or read_at <= self.moment)

    def was_unread(self, state: int, read_at: dt.datetime | None) -> bool:
        """Say of a row that has changed whether nobody had taken it out of unread yet."""
        return state == State.UNREAD if read_at is None else read_at > self.moment

    def rows(self, states: Collection[State]) -> Q:
        """Find what is known to have been in these states."""
        found = self._held() & Q(state__in=states)
        return found | (~self._held() & self._unread()) if State.UNREAD in states else found

    def unknown(self) -> Q:
        """Find the others, of which it is not known."""
        return ~self._held() & ~self._unread()

    def told(self) -> Q:
        """Find what had been told."""
        places = [Q(organization_id=org_id, event_id__lte=last) for org_id, last in self.up_to.items()]
        return Q(*places, _connector=Q.OR) if places else Q(pk__in=[])

    @property
    def _number(self) -> int:
        """Give the greatest revision that an inbox can have had by then."""
        return revision_at(self.moment)

    def _held(self) -> Q:
        return ~(Q(mark__gt=self._number) | Q(read_at__gt=self.moment))

    def _unread(self) -> Q:
        return Q(read_at__gt=self.moment) | Q(read_at__isnull=True, state=State.UNREAD)


def as_of(moment: dt.datetime, org_ids: Collection[int]) -> AsOf:
    """Find the place of a moment in these organizations' logs. Raises Unprocessable where it is to come, NotKept where
    inboxes have been cleared of what was read or done then."""
    moment = _in_utc(moment)
    if moment > timezone.now():
        raise _no_moment()
    before = cleared_before()
    if before is not None and moment < before:
        after = before.astimezone(dt.UTC) + dt.timedelta(seconds=1)  # written in whole seconds
        raise NotKept(
            "What was read or done then is not kept any more, so what the inbox held cannot be told. "
            f"It can be from {after:%Y-%m-%dT%H:%M:%SZ} on."
        )
    earlier = TaskEvent.objects.filter(organization_id=OuterRef("pk"), created_at__lte=moment)
    last = Subquery(earlier.order_by("-created_at", "-id").values("pk")[:1])
    found = Organization.objects.filter(pk__in=org_ids).order_by().annotate(last=last).exclude(last=None)
    return AsOf(moment, dict(found.values_list("pk", "last")))


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:  # the year 0, or the last one
        raise _no_moment() from None


def _no_moment() -> Unprocessable:
    return Unprocessable(NO_MOMENT, [Fault("query.at", NO_MOMENT)])


def unknown_rows(user_id: int, wanted: Wanted, then: AsOf) -> int:
    """Count what may have been meant, for nothing tells in which state it was; COUNTED at most."""
    rows = wanted._replace(states=frozenset(State)).rows(user_id).filter(then.told(), then.unknown())
    return rows.order_by().values("event_id")[:COUNTED].count()
