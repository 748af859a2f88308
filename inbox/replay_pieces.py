"""What was written, read in pieces that are bounded by bytes, whatever it is and however many ask.

Lengths come from the database before any text does, so nothing large is read to find out that it is too large.
"""

from collections.abc import Sequence

from events.sizes import fitting
from inbox import replay_queries
from inbox.replay_queries import Item

READ = 1024 * 1024  # bytes of what was written in one read, for all who wait for it together
PIECE = 256 * 1024  # of them for one reader: what somebody who reads slowly can hold here
BESIDES = 1024  # bytes that an event is counted for beside what was written

# The frames that come next. None: some of the events are gone, because somebody restores a backup.
Texts = list[bytes] | None


def read_on(waiting: Sequence[Sequence[Item]]) -> list[Texts]:
    """Read the next piece for each of these readers, who share what is equal. Empty for whoever does not fit into this
    read any more, which the first always does."""
    pieces: list[Sequence[Item]] = []
    together: dict[int, int] = {}  # event id -> bytes
    for items in waiting:
        piece = items[: fitting((weight(item.octets) for item in items), PIECE)]
        wanted = {item.event_id: weight(item.octets) for item in piece}
        fits = not together or sum((together | wanted).values()) <= READ
        together |= wanted if fits else {}
        pieces.append(piece if fits else [])
    frames = replay_queries.frames_of(together) if together else {}
    return [
        [frames[item.event_id].text(item.reason, item.state) for item in piece]
        if all(item.event_id in frames for item in piece)
        else None
        for piece in pieces
    ]


def small(items: Sequence[Item]) -> Sequence[Item]:
    """Keep all of them where they are one piece, else none: what is large is read when its reader's turn comes."""
    return items if sum(weight(item.octets) for item in items) <= PIECE else []


def weight(octets: int) -> int:
    """Say for how many bytes an event counts in which so many were written."""
    return octets + BESIDES
