"""What is told at once and what in the next digest, when, and in how many messages. Pure."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from preferences.hours import Hours, allowed_from, next_digest
from preferences.kinds import Kind, Value, kind_of

AT_ONCE, DIGEST = "at_once", "digest"
MOST_AT_ONCE = 3  # messages to one person at a time; what happened on more tasks than that is one message
_AT_ONCE_VALUES = (Value.AT_ONCE, Value.ON)


class Heard(NamedTuple):
    """What the inbox told somebody of one stream for one reason, as positions of the log."""

    user_id: int
    reason: str
    stream_id: UUID
    first: int
    last: int


class Span(NamedTuple):
    """What somebody is to be told of in one message: of a stream, or of all that they want to hear of in a log."""

    user_id: int
    organization_id: int
    stream_id: UUID | None
    mode: str
    first: int
    last: int
    due_at: dt.datetime


def spans_of(
    heard: Iterable[Heard],
    organization_id: int,
    chosen: Mapping[int, Mapping[Kind, Value]],
    hours: Mapping[int, Hours],
    moment: dt.datetime,
    quiet: float,
) -> list[Span]:
    """Gather what each person wants to be told of. What goes out at once does so after `quiet` seconds from this moment
    or, in the person's quiet hours, when they end."""
    found: dict[tuple[int, UUID | None, str], tuple[int, int]] = {}
    for user_id, reason, stream_id, first, last in heard:
        value = chosen[user_id][kind_of(reason)]
        if value == Value.OFF:
            continue
        key = (user_id, stream_id, AT_ONCE) if value in _AT_ONCE_VALUES else (user_id, None, DIGEST)
        before = found.get(key, (first, last))
        found[key] = min(first, before[0]), max(last, before[1])
    when = _When(moment, quiet)
    return [
        Span(user_id, organization_id, stream_id, mode, first, last, when.due(mode, hours[user_id]))
        for (user_id, stream_id, mode), (first, last) in sorted(found.items(), key=lambda item: item[0][0])
    ]


class _When:
    """Most people have the same hours, so each are asked once."""

    def __init__(self, moment: dt.datetime, quiet: float) -> None:
        self._moment, self._quiet = moment, dt.timedelta(seconds=quiet)
        self._known: dict[tuple[str, Hours], dt.datetime] = {}

    def due(self, mode: str, hours: Hours) -> dt.datetime:
        key = mode, hours
        if key not in self._known:
            at_once = mode == AT_ONCE
            self._known[key] = (
                allowed_from(self._moment + self._quiet, hours)
                if at_once
                else next_digest(self._moment, hours)
            )
        return self._known[key]


class Message(NamedTuple):
    """Spans of one person that one delivery tells of."""

    key: str
    user_id: int
    channel: str
    mode: str
    spans: Sequence[Span]


def messages_of(spans: Iterable[Span], channel: str, moment: dt.datetime) -> list[Message]:
    """Make messages of what is due by this moment: a digest of all logs for each person; at once, one for each
    stream, or a single one for more than a few, to which those that would follow in a moment belong as well."""
    by_person: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for span in spans:
        by_person[span.user_id, span.mode].append(span)
    found = []
    for (user_id, mode), theirs in by_person.items():
        due = [span for span in theirs if span.due_at <= moment]
        if mode == AT_ONCE and len(theirs) <= MOST_AT_ONCE:
            together = [[span] for span in due]
        else:
            together = [theirs if mode == AT_ONCE else due] if due else []
        found += [
            Message(_key(channel, mode, user_id, each), user_id, channel, mode, each) for each in together
        ]
    return found


def _key(channel: str, mode: str, user_id: int, spans: Iterable[Span]) -> str:
    """Name a message by what it tells of, and nothing else: whoever makes it again makes the same."""
    places = sorted(
        (span.organization_id, span.first, span.last, str(span.stream_id or "")) for span in spans
    )
    return f"{channel} {mode} {user_id} {hashlib.sha256(repr(places).encode()).hexdigest()[:32]}"
