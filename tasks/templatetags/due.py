"""Due dates, as pages show them."""

import datetime as dt

from django import template
from django.utils import timezone

register = template.Library()

NOT_DUE_ANY_MORE = frozenset({"done", "cancelled"})


@register.filter
def due_note(date: dt.date | None, status: str = "open") -> str:
    """Say what is urgent about a due date: `overdue`, `today`, `tomorrow`. Empty for finished tasks."""
    if date is None or status in NOT_DUE_ANY_MORE:
        return ""
    days = (date - timezone.localdate()).days
    return "overdue" if days < 0 else {0: "today", 1: "tomorrow"}.get(days, "")
