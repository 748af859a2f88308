"""What became of a delivery is kept for a while, for operators; then it goes."""

import datetime as dt

from outbound.models import Delivery

KEPT = dt.timedelta(days=30)
LOT = 500


def clear_ended(now: dt.datetime) -> dt.datetime | None:
    """Delete some of those that ended long ago. Returns `now` where there may be more."""
    ended = Delivery.objects.filter(ended_at__lt=now - KEPT).values_list("pk", flat=True)[:LOT]
    gone, _ = Delivery.objects.filter(pk__in=list(ended)).delete() if ended else (0, {})
    return now if gone else None
