"""When somebody was here last, and where the logs ended then: of a person, whatever browser or device they come with.

A visit ends when no page has been asked for during half an hour. What came since is what there is to catch up on.
"""

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from base.seldom import Seldom
from inbox.models import Visit
from inbox.org_inboxes import OrgInbox, joined_cursors

PAUSE = dt.timedelta(minutes=30)  # without a page: the visit is over
VISITS: Seldom[int] = Seldom(pause=20.0, most=10_000)


def note(user_id: int, places: Sequence[OrgInbox]) -> None:
    """Note that they asked for a page, which shows the logs up to these places. Nobody waits for it: while others
    write, the next page notes it."""
    VISITS.note([user_id], lambda _: _write(user_id, joined_cursors(places), timezone.now()))


def last_visit(user_id: int) -> tuple[dt.datetime | None, str]:
    """Find when the visit before this one ended, and the cursors of then; None and nothing for the first."""
    visit = Visit.objects.filter(pk=user_id).first()
    return (visit.since_at, visit.since) if visit else (None, "")


def _write(user_id: int, cursors: str, now: dt.datetime) -> None:
    visits = Visit.objects.filter(pk=user_id)
    visit = visits.first()
    if visit is None:
        Visit.objects.bulk_create([Visit(user_id=user_id, last_at=now, last=cursors)], ignore_conflicts=True)
        return
    is_new = now - visit.last_at >= PAUSE
    ended = {"since_at": visit.last_at, "since": visit.last} if is_new else {}
    # Of two pages at once the later finds another moment, and leaves it.
    visits.filter(last_at=visit.last_at).update(last_at=now, last=cursors, **ended)
