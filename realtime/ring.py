"""The recent frames of one organization's log, in this process. Pure: no sockets, no layer, no database.

Positions are dense, so a reader's place is one integer and what it misses is a slice.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice

import msgspec

from inbox.frames import Frame, mark
from inbox.recipients import Participants, reason_for

SIZE = 1000  # frames: how far a slow reader may fall behind

encode = msgspec.json.Encoder().encode


class FellBehind(Exception):
    """The reader's place is no longer in the ring."""


@dataclass(slots=True)
class Entry:
    """One event, encoded once for each reason that some reader has."""

    frame: Frame
    participants: Participants
    # The membership version that the event was delivered under; None when `rows` came from the database instead.
    version: int | None
    # user id -> reason, for the users whose rows are known for certain.
    rows: dict[int, str | None] = field(default_factory=dict)
    _texts: dict[str | None, str] = field(default_factory=dict)

    @property
    def position(self) -> int:
        return int(self.frame["position"])

    def knows(self, user_id: int, version: int) -> bool:
        return user_id in self.rows or self.version == version

    def reason(self, user_id: int, level: str) -> str | None:
        """Why this user is told; `level` must be theirs under the entry's version."""
        if user_id in self.rows:
            return self.rows[user_id]
        return reason_for(user_id, level, actor_id=self.frame["actor_id"], participants=self.participants)

    def text(self, reason: str | None) -> str:
        if reason not in self._texts:
            mine = {"notification": mark(self.frame["event_id"], reason), "replayed": False}
            self._texts[reason] = encode(self.frame | mine).decode()
        return self._texts[reason]


class Ring:
    def __init__(self, position: int) -> None:
        self.position = position  # of the newest entry, or where the log stood before the first
        self._entries: deque[Entry] = deque(maxlen=SIZE)

    def append(self, entry: Entry) -> None:
        if entry.position != self.position + 1:
            raise ValueError(f"position {entry.position} does not follow {self.position}")
        self._entries.append(entry)
        self.position = entry.position

    def after(self, position: int) -> list[Entry]:
        """The entries beyond the position, in order. Raises FellBehind when some of them are gone."""
        count = max(self.position - position, 0)
        if count > len(self._entries):
            raise FellBehind
        return list(islice(reversed(self._entries), count))[::-1]
