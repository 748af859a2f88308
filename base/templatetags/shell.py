"""What every page's frame needs: undo forms, counts, initials, icons. Works on what it is given and never asks the
database."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from django import template
from django.contrib.messages.storage.base import Message
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

UNDO = "undo:"
MOST_COUNTED = 999


TINTS = 12  # colours that tell people apart at a glance (static/css/tokens.css)


class Person(Protocol):
    @property
    def pk(self) -> int | None: ...
    @property
    def initials(self) -> str: ...
    @property
    def picture(self) -> str: ...


@dataclass(frozen=True)
class Undo:
    """A small form that takes the last act back."""

    url: str
    fields: tuple[tuple[str, str], ...]


@register.simple_tag
def undo_of(message: Message) -> Undo | None:
    """Read `undo:<url>|<name>=<value>|...` from a message's extra tags."""
    tags = message.extra_tags or ""
    if not tags.startswith(UNDO):
        return None
    url, *pairs = filter(None, tags.removeprefix(UNDO).split("|"))
    fields = (pair.partition("=") for pair in pairs)
    return Undo(url, tuple((name, value) for name, _, value in fields))


@register.filter
def capped(count: int | None) -> str:
    """Show a count as the bell does: `7`, `999+`."""
    count = count or 0
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


@register.filter
def avatar(person: Person | None) -> SafeString:
    """Draw initials in a circle, under the person's picture if there is one. The name always stands beside it, so
    screen readers skip it."""
    return circle(person.pk or 0, person.initials, person.picture) if person else circle(0, "", "")


def circle(user_id: int, initials: str, picture: str) -> SafeString:
    """Draw it from plain values. The initials are seen until the picture has come, and by whom it is not shown to."""
    return _circle(user_id, initials, picture_path(user_id, picture) if picture else "")


def picture_path(user_id: int, digest: str) -> str:
    """Give the address of somebody's picture (accounts/urls.py)."""
    return f"{get_script_prefix()}people/{user_id}/{digest}.webp"


@lru_cache(1000)
def _circle(user_id: int, initials: str, path: str) -> SafeString:
    picture = (
        format_html('<img src="{}" alt="" width="256" height="256" loading="lazy">', path) if path else ""
    )
    return format_html(
        '<span class="avatar" data-slot="avatar" data-tint="{}" aria-hidden="true">{}{}</span>',
        user_id % TINTS,
        initials,
        picture,
    )


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draw one of the sprite's icons, as decoration only: its control carries the words."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )
