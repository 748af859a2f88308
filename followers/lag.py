"""How far the followers are behind the logs."""

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from events.models import LogHead, TaskEvent
from followers.models import Cursor

LATE = dt.timedelta(minutes=1)  # an event that waits for longer is told of


class Lag(NamedTuple):
    follower: str
    logs: int
    behind: int  # logs
    furthest: int  # events not taken of the log that is furthest behind
    oldest: dt.datetime | None  # when the oldest event happened that is not taken

    def is_late(self, now: dt.datetime) -> bool:
        return self.oldest is not None and now - self.oldest > LATE


class Behind(NamedTuple):
    """A log that a follower has not taken to its end, or not in the history that is there now."""

    organization_id: int
    taken: int  # position
    head: int


def logs_behind(
    name: str, organization_ids: Collection[int] | None = None, most: int | None = None
) -> list[Behind]:
    """List those of these logs, or of all, in which the follower is behind; at most `most`. One query."""
    return [
        Behind(*row) for row in behind(name, organization_ids).values_list("pk", "taken", "position")[:most]
    ]


def behind(name: str, organization_ids: Collection[int] | None = None) -> Any:
    """Give the heads that a follower has not reached, each with how far it has `taken` that log."""
    cursors = Cursor.objects.filter(follower=name, organization_id=OuterRef("pk"))
    heads = LogHead.objects.filter(position__gt=0).annotate(
        taken=Coalesce(Subquery(cursors.values("position")), 0), seen=Subquery(cursors.values("digest"))
    )
    if organization_ids is not None:
        heads = heads.filter(pk__in=organization_ids)
    return heads.filter(~Q(taken=F("position")) | ~Q(seen=F("digest")))


def lag_of(name: str) -> Lag:
    next_events = TaskEvent.objects.filter(organization_id=OuterRef("pk"), position=OuterRef("taken") + 1)
    found = (
        behind(name)
        .annotate(since=Subquery(next_events.values("created_at")))
        .aggregate(behind=Count("pk"), furthest=Max(F("position") - F("taken")), oldest=Min("since"))
    )
    logs = LogHead.objects.filter(position__gt=0).count()
    return Lag(name, logs, found["behind"], max(found["furthest"] or 0, 0), found["oldest"])
