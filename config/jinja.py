"""The environment of templates/lists: what draws the rows of lists, thousands of values on a page (decision 40)."""

from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.safestring import SafeString
from jinja2 import Environment, StrictUndefined

from base.templatetags import shell, times
from orgs.names import initials_of
from tasks.labels import tint
from tasks.statuses import status_label
from tasks.templatetags.due import due_note

_initials_of = lru_cache(1000)(initials_of)


def avatar_of(name: str, user_id: int, picture: str = "") -> SafeString:
    """Draw the circle of somebody of whom no more is known."""
    return shell.circle(user_id, _initials_of(name), picture)


def environment(**options: Any) -> Environment:
    """Make it, with the icons, people and times that Django's templates have too."""
    made = Environment(**options | {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined})  # noqa: S701 - Django turns escaping on
    made.globals |= {"icon": shell.icon, "static": static}
    made.filters |= {"avatar": shell.avatar, "avatar_of": avatar_of, "capped": shell.capped}
    made.filters |= {"due_note": due_note, "status_label": status_label, "tint": tint}
    made.filters |= {
        each.__name__: each
        for each in (times.ago, times.moment, times.when, times.day, times.clock, times.iso)
    }
    return made
