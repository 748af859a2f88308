"""What every page's frame needs: undo forms, short times, initials, icons. Works on what it is given and never
asks the database."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from django import template
from django.contrib.messages.storage.base import Message
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orgs.models import Membership

register = template.Library()

UNDO = "undo:"
MOST_COUNTED = 999
NOT_DUE_ANY_MORE = frozenset({"done", "cancelled"})


class Person(Protocol):
    initials: str


@dataclass(frozen=True)
class Undo:
    """A small form that takes the last act back."""

    url: str
    fields: tuple[tuple[str, str], ...]


@register.simple_tag
def undo_of(message: Message) -> Undo | None:
    """Reads `undo:<url>|<name>=<value>|...` from a message's extra tags."""
    tags = message.extra_tags or ""
    if not tags.startswith(UNDO):
        return None
    url, *pairs = filter(None, tags.removeprefix(UNDO).split("|"))
    fields = (pair.partition("=") for pair in pairs)
    return Undo(url, tuple((name, value) for name, _, value in fields))


@register.filter
def capped(count: int | None) -> str:
    """A count as the bell shows it: `7`, `999+`."""
    count = count or 0
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


@register.filter
def ago(moment: dt.datetime, now: dt.datetime | None = None) -> str:
    """`just now`, `4 min ago`, `16:40` today, `20 Nov` this year, `20 Nov 2025` before."""
    now = timezone.localtime(now)
    here = timezone.localtime(moment)
    return _minutes_ago(now - here) or (
        clock(here) if here.date() == now.date() else day(here.date(), now.date())
    )


@register.filter
def clock_ago(moment: dt.datetime, now: dt.datetime | None = None) -> str:
    """`4 min ago`, then the time of day: for a list whose headings name the day."""
    return _minutes_ago(timezone.localtime(now) - moment) or clock(moment)


@register.filter
def clock(moment: dt.datetime) -> str:
    """`16:40`"""
    return formatted(timezone.localtime(moment), "H:i")


@register.filter
def moment(value: dt.datetime) -> str:
    """`20 Nov, 10:02`, with the year when it is another one."""
    return f"{day(timezone.localtime(value).date())}, {clock(value)}"


@register.filter
def day(date: dt.date | None, today: dt.date | None = None) -> str:
    """`24 Nov`, with the year when it is another one."""
    if date is None:
        return ""
    today = today or timezone.localdate()
    return formatted(date, "j M" if date.year == today.year else "j M Y")


@register.filter
def due_note(date: dt.date | None, status: str = "open") -> str:
    """Says in words what is urgent about a due date: `overdue`, `today`, `tomorrow`. Empty for finished tasks."""
    if date is None or status in NOT_DUE_ANY_MORE:
        return ""
    days = (date - timezone.localdate()).days
    return "overdue" if days < 0 else {0: "today", 1: "tomorrow"}.get(days, "")


@register.filter
def level_label(level: str) -> str:
    """`participating` -> `Only what concerns me`"""
    return str(Membership.Level(level).label)


@register.filter
def avatar(person: Person | None) -> SafeString:
    """Initials in a circle. The name always stands beside it, so screen readers skip it."""
    return format_html(
        '<span class="avatar" data-slot="avatar" aria-hidden="true">{}</span>',
        person.initials if person else "",
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing from the sprite, decoration only: its control carries the words."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


def _minutes_ago(passed: dt.timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes >= 60:
        return ""
    return f"{minutes} min ago" if minutes > 0 else "just now"
