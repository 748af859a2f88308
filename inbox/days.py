"""Where a day ends in the logs, for a list that goes by event ids."""

import datetime as dt
from collections.abc import Collection

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.dateparse import parse_date

from events.models import TaskEvent
from orgs.models import Organization


def day_in(text: str) -> dt.date | None:
    """Read `2026-11-20`; None where it is no day."""
    try:
        return parse_date(text)
    except ValueError:  # the 30th of February
        return None


def end_of_day(org_ids: Collection[int], day: dt.date) -> int:
    """Find the id before which these organizations' events of the reader's day and of all days before it lie."""
    try:
        end = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))
        until = end.astimezone(dt.UTC)
    except OverflowError:
        return 1
    earlier = TaskEvent.objects.filter(organization_id=OuterRef("pk"), created_at__lt=until)
    last = Subquery(earlier.order_by("-created_at", "-id").values("pk")[:1])
    found = Organization.objects.filter(pk__in=org_ids).order_by().annotate(last=last).exclude(last=None)
    return max(found.values_list("last", flat=True), default=0) + 1
