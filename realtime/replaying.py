"""What was missed goes out before a socket is live: a piece at a time, so that who reads slowly holds no more than one.

The reader stands at the head that `welcome` named, and nothing up to a head ever changes: however long it takes, what
follows the last piece is what the ring has beyond that head.
"""

from collections.abc import Sequence

from base.figures import counter
from inbox.replay_queries import Item
from realtime import codes, connecting
from realtime.batch import chunked
from realtime.reader import Reader
from realtime.reads import Connected, Refused
from realtime.wire import Wire

REPLAYS = counter("replays", "Replays begun, empty ones too.")
REPLAYED = counter("replayed_events", "Events in them.")


async def write_replay(wire: Wire, reader: Reader, connected: Connected, welcome: bytes) -> None:
    """Write the replay. It ends early where the client has gone or the reader is closed."""
    replay = connected.replay
    REPLAYS.inc()
    REPLAYED.inc(len(replay.items))
    standing = replay.standing(place.cursor for place in connected.places)
    texts, left = [welcome, *standing.told(replay.begun)], replay.items[len(replay.begun) :]
    while await _write(wire, reader, texts) and left:
        texts = standing.told(await _read_on(reader, connected, left))
        left = left[len(texts) :]


async def _write(wire: Wire, reader: Reader, texts: Sequence[bytes]) -> bool:
    """Write one batch. Returns whether there is somebody to go on for."""
    for batch in chunked(enumerate(texts)):
        if _is_over(wire, reader):
            return False
        wire.write(batch)
        await wire.drained()
    return not _is_over(wire, reader)


def _is_over(wire: Wire, reader: Reader) -> bool:
    return wire.has_ended or reader.close_code is not None


async def _read_on(reader: Reader, connected: Connected, left: Sequence[Item]) -> list[bytes]:
    """Read the next frames. None when others are read first, and when the reader is closed for what was found."""
    if len(reader.places) < len(connected.places):
        reader.close(codes.TOO_OLD)  # an organization was left: it resumes without that one
        return []
    try:
        found = await connecting.read_on(connected.user_id, left)
    except Refused as refused:
        reader.close(refused.code)
        return []
    if found is None:
        reader.close(codes.TOO_OLD)  # the log was replaced: it resumes, and is told so
    return found or []
