"""From who asks to a live reader: what sockets and streams share. It reads no database live."""

import asyncio
import random
import time

from base.figures import histogram
from inbox.frames import encode
from inbox.org_inboxes import counts_by_state, counts_of, joined_cursors
from orgs.frames import Org
from realtime import codes, connecting
from realtime.frames import OrgOfUser, OrgWelcome, UserWelcome, Welcome
from realtime.hub import get_hub
from realtime.reader import Reader
from realtime.reads import Connected, Handshake, Refused
from realtime.replaying import write_replay
from realtime.wire import Wire

OLDEST = 8 * 3600, 12 * 3600  # seconds that one lives: spread, so that not all come back at once
JOIN_TRIES = 10

HANDSHAKE = histogram("handshake_seconds", "From a handshake to the live socket, its replay included.")


async def join(handshake: Handshake, wire: Wire) -> tuple[Reader, Connected]:
    """Read, then follow the rings from where the read ended; once more when they have moved too far on. Raises
    Refused. Whoever has joined has to leave the hub."""
    hub = get_hub()
    for _ in range(JOIN_TRIES):
        connected = await connecting.read(handshake)
        if not hub.has_room(connected.user_id):
            raise Refused(codes.TOO_MANY)
        org_id = None if handshake.slug is None else connected.places[0].org_id
        assert handshake.credential is not None  # noqa: S101 - it was read
        reader = Reader(connected.user_id, handshake.credential, org_id, wire, connected.only)
        if hub.join(reader, connected.places):
            try:
                await hub.settle()
            except BaseException:
                hub.leave(reader)
                raise
            return reader, connected
    raise Refused(codes.FAILED)


async def go_live(wire: Wire, reader: Reader, connected: Connected, began: float) -> None:
    """Replay, then let the hub write. What was needed for that is not kept. `began`: on the monotonic clock."""
    await write_replay(wire, reader, connected, encode(welcome(reader, connected)))
    wire.opened()
    reader.retires_at = asyncio.get_running_loop().time() + random.uniform(*OLDEST)  # noqa: S311
    reader.start()
    HANDSHAKE.observe(time.monotonic() - began)


def welcome(reader: Reader, connected: Connected) -> Welcome:
    return _user_welcome(connected) if reader.org_id is None else _org_welcome(connected)


def _org_welcome(connected: Connected) -> OrgWelcome:
    place = connected.places[0]
    return OrgWelcome(
        user_id=connected.user_id,
        org=Org(place.org_id, place.slug),
        unread=place.unread,
        counts=counts_by_state([place]),
        at={str(place.org_id): place.position},
        revision=place.revision,
        cursor=str(place.cursor),
        replay=connected.replay.summary(),
    )


def _user_welcome(connected: Connected) -> UserWelcome:
    counts = counts_of(connected.places)
    return UserWelcome(
        user_id=connected.user_id,
        orgs=[OrgOfUser(place.org_id, place.slug, place.name, place.unread) for place in connected.places],
        unread=counts.unread.total,
        counts=counts_by_state(connected.places),
        at=counts.at,
        revision=counts.revision,
        cursor=joined_cursors(connected.places),
        replay=connected.replay.summary(),
    )
