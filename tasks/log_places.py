"""Which place in an organization's log an address asks for, and what a page says of it: the event there, and the days
beside it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from base.errors import Invalid
from base.numbers import whole_number
from events.models import TaskEvent
from events.sentences import names_in, sentence
from tasks.as_they_were import Place, place_after, place_at
from tasks.history_forms import MomentField

DAY = dt.timedelta(days=1)


def asked_place(query: Mapping[str, str], organization_id: int) -> Place:
    """Read `at`, a moment or a day, or else `position`, an event of the log. Raises Invalid."""
    if at := query.get("at"):
        try:
            return place_at(organization_id, MomentField().clean(at))
        except ValidationError as error:
            raise Invalid(str(error.messages[0])) from error
    position = whole_number(query.get("position"))
    if position is None:
        raise Invalid(f"“{query.get('position', '')[:40]}” is not a place in the log.")
    return place_after(organization_id, position)


def in_words(place: Place) -> dict[str, Any]:
    """Gather what the bar of the past shows."""
    event = place.newest()
    return {
        "place": place,
        "event": event,
        "sentence": sentence(event, names_in([event])) if event else "",
        "previous_day": _previous_day(place),
        "next_day": _next_day(place),
        "at": place.moment.astimezone(dt.UTC).isoformat(),
    }


def _previous_day(place: Place) -> dt.date | None:
    """Find the day before, unless nothing had happened by its end."""
    events = TaskEvent.objects.filter(organization_id=place.organization_id, position=1)
    first = events.values_list("created_at", flat=True).first()
    day = min(place.day, timezone.now().date())
    return day - DAY if first and first.astimezone(dt.UTC).date() < day else None


def _next_day(place: Place) -> dt.date | None:
    return place.day + DAY if place.day < timezone.now().date() else None
