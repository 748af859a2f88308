"""The environment of templates/lists: what draws the rows of lists, thousands of values on a page (decision 40)."""

from typing import Any

from jinja2 import Environment, StrictUndefined

from base.templatetags import shell, times


def environment(**options: Any) -> Environment:
    """Make it, with the icons, people and times that Django's templates have too."""
    made = Environment(**options | {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined})  # noqa: S701 - Django turns escaping on
    made.globals["icon"] = shell.icon
    made.filters |= {"avatar": shell.avatar, "capped": shell.capped}
    made.filters |= {
        each.__name__: each for each in (times.ago, times.clock_ago, times.moment, times.when, times.day)
    }
    return made
