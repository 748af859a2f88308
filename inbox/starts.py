"""Where a catch-up begins: at the end of the visit before, or at a moment that the reader chose."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.dateparse import parse_date

from base.errors import Conflict, Invalid
from events.models import LogHead, TaskEvent
from inbox.org_inboxes import OrgInbox
from inbox.seen import last_shown
from inbox.visits import last_visit

UNREADABLE = "That is not a date. Choose one, or write it as 2026-11-30."


class Start(NamedTuple):
    """`after`: organization id -> id of the newest event that was there. `asked` names it in an address; `is_first`:
    there was no visit before, so it is a week ago."""

    asked: str
    moment: dt.datetime
    after: Mapping[int, int]
    is_first: bool = False

    @property
    def words(self) -> str:
        """Say `Friday 17:20`, `yesterday 09:00`; the date where it is longer ago."""
        here, today = timezone.localtime(self.moment), timezone.localdate()
        clock, days = formatted(here, "H:i"), (today - here.date()).days
        if days == 0:
            return f"{clock} today"
        if days == 1:
            return f"yesterday {clock}"
        if 1 < days < 7:
            return f"{here:%A} {clock}"
        return formatted(here, "j M H:i" if here.year == today.year else "j M Y H:i")


def start_of(user_id: int, asked: str, places: Sequence[OrgInbox]) -> Start:
    """Find the start that is asked for: nothing for the last visit, `yesterday`, `week`, or a day. Raises Invalid."""
    if asked:
        return _at(asked, _moment(asked), places)
    moment, cursors = last_visit(user_id)
    if moment is None:
        return _at("", _moment("week"), places)._replace(is_first=True)
    try:
        return Start("", moment, last_shown(cursors, places) if cursors else {})
    except (Conflict, Invalid):  # of a history that is not here any more
        return _at("", moment, places)


def _at(asked: str, moment: dt.datetime, places: Sequence[OrgInbox]) -> Start:
    earlier = TaskEvent.objects.filter(organization_id=OuterRef("pk"), created_at__lt=moment)
    newest = earlier.order_by("-created_at", "-pk").values("pk")[:1]
    heads = LogHead.objects.filter(pk__in=[place.org_id for place in places])
    return Start(asked, moment, dict(heads.values_list("pk", Coalesce(Subquery(newest), 0))))


def _moment(asked: str) -> dt.datetime:
    """Find the beginning of that day, in the reader's zone."""
    today = timezone.localdate()
    try:
        day = {"yesterday": today - dt.timedelta(days=1), "week": today - dt.timedelta(days=7)}.get(
            asked
        ) or parse_date(asked)
        if day:
            midnight = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
            return midnight.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(UNREADABLE)
