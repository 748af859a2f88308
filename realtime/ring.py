"""The recent frames of one organization's log, in this process. Pure: no sockets, no layer, no database.

Positions are dense, so a reader's place is one integer and what it misses is a slice. Each entry has its event's
digest: whoever adds to the ring or joins it shows by it that they speak of the same history.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from base.messages import AppendedEvent
from inbox.frames import closed, mark, opened
from inbox.recipients import Participants, reason_for
from realtime.batch import CHUNK, Batch, chunked

SIZE = 1000  # frames: how far a slow reader may fall behind
MEMORY = 8 * 1024 * 1024  # bytes of encoded frames, the other bound
STRETCHES = 16  # of CHUNK bytes, kept for whoever else goes on from the same place


class FellBehind(Exception):
    """The reader's place is no longer in the ring."""


class Entry:
    """One event, encoded by who wrote it; a reason is only appended.

    `version` is the membership version that the event was delivered under; None when `rows` came from the database.
    `rows` has user id -> reason, for the users whose rows are known for certain.
    """

    __slots__ = (
        "_event_id",
        "_open",
        "actor_id",
        "digest",
        "participants",
        "position",
        "rows",
        "to_all",
        "version",
        "watching",
    )

    def __init__(
        self, event: AppendedEvent, version: int | None, rows: dict[int, str | None] | None = None
    ) -> None:
        self.digest = event.digest
        self.position = event.position
        self.actor_id = event.actor_id
        self.participants: Participants = dict(event.participants)
        self.to_all = event.to_all
        self.watching = event.watching
        self.version = version
        self.rows = {} if rows is None else rows
        self._event_id = event.event_id
        self._open = opened(event.frame)

    def __len__(self) -> int:
        return len(self._open)

    def knows(self, user_id: int, version: int) -> bool:
        return user_id in self.rows or self.version == version

    @property
    def singled_out(self) -> set[int]:
        """The users whose reason is more than a matter of their level."""
        return {self.actor_id, *self.participants, *self.rows}

    def reason(self, user_id: int, level: str) -> str | None:
        """Why this user is told; `level` must be theirs under the entry's version."""
        if user_id in self.rows:
            return self.rows[user_id]
        return reason_for(
            user_id,
            level,
            actor_id=self.actor_id,
            participants=self.participants,
            to_all=self.to_all,
            watching=self.watching,
        )

    def payload(self, reason: str | None) -> bytes:
        return closed(self._open, mark(self._event_id, reason), replayed=False)


class Stretch(NamedTuple):
    """What those readers are sent who stand at one place, up to `end`; but for those in `singled_out`."""

    end: int
    singled_out: set[int]
    batches: list[Batch]


class Ring:
    def __init__(self, position: int, digest: str) -> None:
        self.position = position  # of the newest entry, or where the log stood before the first
        self.digest = digest  # there
        self._before = digest  # just before the oldest entry
        self._entries: deque[Entry] = deque()
        self.size = 0  # bytes
        self._stretches: dict[tuple[int, str, bool], Stretch] = {}

    def append(self, entry: Entry) -> None:
        if entry.position != self.position + 1:
            raise ValueError(f"position {entry.position} does not follow {self.position}")
        self._entries.append(entry)
        self.size += len(entry)
        while len(self._entries) > SIZE or (self.size > MEMORY and len(self._entries) > 1):
            oldest = self._entries.popleft()
            self.size -= len(oldest)
            self._before = oldest.digest
        self.position, self.digest = entry.position, entry.digest
        self._stretches.clear()

    def has_lost(self, position: int) -> bool:
        """Say whether some of the entries beyond the position are gone."""
        return self.position - position > len(self._entries)

    def after(self, position: int) -> list[Entry]:
        """List the entries beyond the position, in order. Raises FellBehind when some of them are gone."""
        count = max(self.position - position, 0)
        if self.has_lost(position):
            raise FellBehind
        return list(islice(reversed(self._entries), count))[::-1]

    def batches_after(self, position: int, user_id: int, level: str, *, all_events: bool) -> Iterator[Batch]:
        """Batch what this user is sent beyond the position, encoded once for all who stand where they do. Lazy: a slow
        client takes one at a time. Raises FellBehind as `after` does."""
        while position < self.position:
            stretch = self._stretch_after(position, level, all_events)
            if user_id in stretch.singled_out:
                yield from frames_for(user_id, level, self.after(position), all_events=all_events)
                return
            yield from stretch.batches
            position = stretch.end

    def _stretch_after(self, position: int, level: str, all_events: bool) -> Stretch:
        key = position, level, all_events
        if key not in self._stretches:
            if len(self._stretches) >= STRETCHES:
                self._stretches.clear()
            entries = self.after(position)
            within = sum(1 for size in accumulate(map(len, entries)) if size <= CHUNK * 3 // 4)
            chosen = entries[: max(within, 1)]
            singled_out = set().union(*(entry.singled_out for entry in chosen))
            batches = list(frames_for(-1, level, chosen, all_events=all_events))
            self._stretches[key] = Stretch(chosen[-1].position, singled_out, batches)
        return self._stretches[key]

    def keep_reasons(self, user_id: int, position: int, level: str) -> None:
        """Let this user be told of the entries beyond the position as this level says, whatever theirs becomes. Raises
        FellBehind as `after` does."""
        self._stretches.clear()  # the user is singled out from here on
        for entry in self.after(position):
            entry.rows.setdefault(user_id, entry.reason(user_id, level))

    def digest_at(self, position: int) -> str | None:
        """Give the digest at the position; None where the ring has not come to yet, or has no more."""
        back = self.position - position
        if 0 <= back < len(self._entries):
            return self._entries[-1 - back].digest
        return self._before if back == len(self._entries) else None


def frames_for(user_id: int, level: str, entries: Sequence[Entry], *, all_events: bool) -> Iterable[Batch]:
    """Batch what this user is sent of these entries: all of them, or only what is addressed to them."""
    reasons = ((entry, entry.reason(user_id, level)) for entry in entries)
    return chunked(
        (entry.position, entry.payload(reason))
        for entry, reason in reasons
        if all_events or reason is not None
    )
