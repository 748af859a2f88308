"""Whether each socket displayed the log exactly once, in order, and nothing else. Pure: records and the log in, counts
out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from typing import NamedTuple

from bench.faults.history import Connected, Record, Shown, Span

# organization id -> ids of its events, in the order of their positions, which are dense and start at 1
Log = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Damage:
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0  # shown after one with a higher position
    foreign: int = 0  # of an organization, or of a time, that the user was no member of
    phantom: int = 0  # not in the log: rolled back, or invented

    def __add__(self, other: "Damage") -> "Damage":
        return Damage(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __bool__(self) -> bool:
        return any(astuple(self))

    def __str__(self) -> str:
        counts = ((part.name.replace("_", " "), getattr(self, part.name)) for part in fields(self))
        return ", ".join(f"{name} {count:,}" for name, count in counts if count) or "none"


def check(records: Iterable[Record], log: Log) -> Damage:
    return sum((check_socket(record, log) for record in records), Damage())


class Fork(NamedTuple):
    """The log was set back, and has gone on in another way. What was shown of the old one is right up to where the
    socket starts anew; it may not go on as if nothing had happened."""

    at: float  # as `Connected.at`
    before: Log


def check_forked(records: Iterable[Record], fork: Fork, log: Log) -> Damage:
    return sum((_check_forked(record, fork, log) for record in records), Damage())


def _check_forked(record: Record, fork: Fork, log: Log) -> Damage:
    for number, step in enumerate(record.history):
        if isinstance(step, Connected) and step.fresh and step.at > fork.at:
            old = Record(record.socket, record.rights, record.history[:number], ended=True)
            new = Record(record.socket, record.rights, record.history[number:], ended=record.ended)
            return check_socket(old, fork.before) + check_socket(new, log)
    return check_socket(record, log)


def check_socket(record: Record, log: Log) -> Damage:
    """Each frame counts as one damage at most; what is missing counts once."""
    stretches = _stretches(record.rights, {})
    found = Damage()
    for step in record.history:
        if isinstance(step, Shown):
            found += _judge(step, record.rights, stretches, log)
        elif isinstance(step, Connected) and step.fresh:
            found += _lost(stretches, {})
            stretches = _stretches(record.rights, step.cursor)
    return found + _lost(stretches, {} if record.ended else _ends(record.rights, log))


@dataclass(slots=True)
class _Stretch:
    """What was shown of one log since the last fresh start, which stood at `start`."""

    start: int
    highest: int
    seen: set[int] = field(default_factory=set)

    def show(self, position: int) -> Damage:
        if position in self.seen:
            return Damage(duplicated=1)
        self.seen.add(position)
        if position <= self.start:
            return Damage(duplicated=1)  # it stood in the lists that the start was made with
        if position < self.highest:
            return Damage(out_of_order=1)
        self.highest = position
        return Damage()


def _stretches(rights: Mapping[int, Span], cursor: Mapping[int, int]) -> dict[int, _Stretch]:
    starts = {org_id: max(span.after, cursor.get(org_id, 0)) for org_id, span in rights.items()}
    return {org_id: _Stretch(start, start) for org_id, start in starts.items()}


def _judge(frame: Shown, rights: Mapping[int, Span], stretches: Mapping[int, _Stretch], log: Log) -> Damage:
    events = log.get(frame.org_id, ())
    if not 0 < frame.position <= len(events) or events[frame.position - 1] != frame.event_id:
        return Damage(phantom=1)
    if frame.org_id not in rights or frame.position not in rights[frame.org_id]:
        return Damage(foreign=1)
    return stretches[frame.org_id].show(frame.position)


def _ends(rights: Mapping[int, Span], log: Log) -> dict[int, int]:
    """organization id -> the last position that its members must have seen by the end."""
    heads = {org_id: len(log.get(org_id, ())) for org_id in rights}
    return {
        org_id: heads[org_id] if span.until is None else min(span.until, heads[org_id])
        for org_id, span in rights.items()
    }


def _lost(stretches: Mapping[int, _Stretch], ends: Mapping[int, int]) -> Damage:
    """Without an end, what was shown last is it."""
    missing = 0
    for org_id, stretch in stretches.items():
        end = max(stretch.highest, ends.get(org_id, 0))
        shown = sum(position > stretch.start for position in stretch.seen)
        missing += max(end - stretch.start - shown, 0)
    return Damage(lost=missing)
