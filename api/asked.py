"""What several resources are asked for in the same words: a task, a comment, a moment."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from django.core.exceptions import ValidationError
from msgspec import Meta

from api.orgs import OrgPath
from base.errors import Fault, Invalid, Unreadable
from tasks.history_forms import MomentField

AtMoment = Annotated[
    str,
    Meta(
        description="A time, UTC unless it says its offset, or a date, which means the end of that day.",
        extra_json_schema={"anyOf": [{"format": "date-time"}, {"format": "date"}]},
    ),
]


class OfTask(OrgPath, kw_only=True):
    """`number`: the task's, 12 of ACME-12."""

    number: Annotated[int, Meta(ge=0)]


class OfComment(OfTask, kw_only=True):
    """`version`: the comment's, which the event has that it began with."""

    version: Annotated[int, Meta(ge=0)]


def moment_asked(text: str) -> dt.datetime:
    """Read `at`. Raises Unreadable."""
    try:
        moment = MomentField().clean(text)
    except ValidationError:
        words = f"“{text[:40]}” is not a time. Write it as 2026-11-20T10:00:00Z, or as 2026-11-20."
        raise unreadable("at", words) from None
    assert isinstance(moment, dt.datetime)  # noqa: S101 - the field is required
    return moment


@contextmanager
def words_asked(name: str) -> Iterator[None]:
    """Let what is refused of a search for words name the parameter that they came in."""
    try:
        yield
    except Unreadable:
        raise
    except Invalid as error:
        raise unreadable(name, error.message) from error


def unreadable(name: str, words: str) -> Unreadable:
    """Refuse one parameter of the address."""
    return Unreadable(words, [Fault(f"query.{name}", words)])
