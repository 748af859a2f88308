"""What `news:acme.301-317` names: a span of one organization's log, by positions. Pure.

`news:acme.301-317.12` is of one task alone, by its number, `news:acme.301-317.mentioned,assigned` of these reasons, and
`news:acme.301-317.12.mentioned` of both.
"""

import re
from typing import NamedTuple, Self

from inbox.reasons import reasons

_SPAN = re.compile(
    r"(?P<org>[^.]+)\.(?P<first>[0-9]{1,18})-(?P<last>[0-9]{1,18})(?:\.(?P<number>[0-9]{1,18}))?(?:\.(?P<reasons>[a-z_,-]+))?"
)


class Span(NamedTuple):
    """Both ends are in it. `number`: of the task, 0 for the organization itself; None and no reasons for any."""

    org: str  # its short name
    first: int
    last: int
    number: int | None = None
    reasons: tuple[str, ...] = ()

    @classmethod
    def read(cls, value: str) -> Self | None:
        """Read it; None where it cannot be meant: it ends before it begins, or names a reason that does not exist."""
        found = _SPAN.fullmatch(value)
        if found is None:
            return None
        number, named = found["number"], found["reasons"]
        span = cls(
            found["org"],
            int(found["first"]),
            int(found["last"]),
            None if number is None else int(number),
            tuple(named.split(",")) if named else (),
        )
        return span if span.first <= span.last and reasons().keys() >= {*span.reasons} else None

    def __str__(self) -> str:
        number = "" if self.number is None else f".{self.number}"
        named = f".{','.join(self.reasons)}" if self.reasons else ""
        return f"{self.org}.{self.first}-{self.last}{number}{named}"
