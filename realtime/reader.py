"""One socket as the hub sees it: whose it is, where it stands in each log, and what goes to its wire when.

Nothing waits here: whoever cannot take more is left where they stand, and goes on from there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from base.figures import counter
from events.cursors import Cursor
from realtime import codes
from realtime.batch import Batch
from realtime.ring import FellBehind, Ring
from realtime.wire import Wire
from tokens.bearers import Credential

SEND_TIMEOUT = 15.0  # seconds that a client may leave what it is sent unread
CONTROL_LIMIT = 1000  # frames that are no events

EVICTED = counter(
    "slow_clients_closed", "Sockets ended because their clients read too slowly, by how.", ["how"]
)


@dataclass(slots=True)
class Place:
    """Where a reader stands in one log, and the level it reads at."""

    ring: Ring
    position: int
    level: str
    known: tuple[int, bytes] = (-1, b"")  # a position, and the cursor there, after a comma

    def cursor(self, org_id: int) -> bytes | None:
        """Write where the reader stands, after a comma. None where the ring has lost it."""
        if self.known[0] != self.position:
            digest = self.ring.digest_at(self.position)
            if digest is None:
                return None
            self.known = self.position, said(Cursor(org_id, self.position, digest[:8]))
        return self.known[1]


def said(cursor: Cursor) -> bytes:
    return f",{cursor}".encode()


class Reader:
    """`org_id` is the organization of an organization's socket, None on a user's socket. The first is sent every event,
    the second what is addressed to its user: in all of their organizations, or in the `only` one of its token."""

    __slots__ = (
        "_live",
        "_waiting",
        "all_events",
        "close_code",
        "credential",
        "only",
        "org_id",
        "places",
        "ready",
        "retires_at",
        "user_id",
        "wire",
    )

    def __init__(
        self, user_id: int, credential: Credential, org_id: int | None, wire: Wire, only: int | None = None
    ) -> None:
        self.user_id = user_id
        self.credential = credential
        self.org_id = org_id
        self.all_events = org_id is not None
        self.only = only
        self.wire = wire
        self.places: dict[int, Place] = {}
        self.ready = False  # whether it can be written to at this moment
        self.close_code: int | None = None
        self.retires_at = float("inf")  # on the event loop's clock
        self._live = False  # from the end of the replay to the close frame
        self._waiting: list[Batch] | None = None  # frames that are no events

    def start(self) -> None:
        """Let the hub write from here on: the replay is written."""
        self._live = True
        self.wire.reader = self
        self.resume()

    def pause(self) -> None:
        """Stop: the wire is full."""
        self.ready = False

    def resume(self) -> None:
        """Go on, for the wire takes more: what has waited goes out, the frames that are no events first."""
        if not self._live or self.wire.stuck_since is not None:
            return
        self.ready = True
        while self._waiting and self.ready and self.close_code != codes.TOO_SLOW:
            self.wire.write(self._waiting.pop(0))
        if not self.ready:
            return
        if self.close_code is not None:
            self.ready = self._live = False
            self.wire.close(self.close_code)
            return
        for place in list(self.places.values()):
            self.catch_up(place)

    def control(self, batch: Batch) -> None:
        """Send a frame that is no event of a log."""
        if self.ready:
            self.wire.write(batch)
        elif self.close_code is None:
            self._waiting = self._waiting or []
            self._waiting.append(batch)
            if len(self._waiting) > CONTROL_LIMIT:
                self.close(codes.TOO_SLOW)

    def close(self, code: int) -> None:
        """Send no event any more; the close frame follows as soon as the wire takes it. The first code holds."""
        if self.close_code is None:
            if code == codes.TOO_SLOW:
                EVICTED.labels("fell_behind").inc()
            self.close_code = code
            self.resume()

    def catch_up(self, place: Place) -> None:
        """Write what lies between this place and its ring's end, as far as the wire takes it."""
        if place.ring.has_lost(place.position):
            self.close(codes.TOO_SLOW)
            return
        ring = place.ring
        self.write(
            place,
            ring.batches_after(place.position, self.user_id, place.level, all_events=self.all_events),
            ring.position,
        )

    def write(self, place: Place, batches: Iterable[Batch], end: int) -> None:
        """Write batches that bring this place to `end`."""
        others: bytes | None = None if self.org_id is None and len(self.places) > 1 else b""
        for batch in batches:
            if not self.ready:
                return
            if others is None:
                others = self._elsewhere(place)
                if others is None:
                    self.close(codes.TOO_SLOW)
                    return
            self.wire.write(batch.beside(others) if others else batch)
            place.position = batch.end
        if self.ready:
            place.position = max(place.position, end)  # the replay may have gone further than the ring

    def _elsewhere(self, place: Place) -> bytes | None:
        """Write where the reader stands in their other logs. None where a ring has lost it."""
        cursors = [other.cursor(org_id) for org_id, other in self.places.items() if other is not place]
        return None if None in cursors else b"".join(filter(None, cursors))

    def set_level(self, org_id: int, level: str) -> None:
        """Read at this level from the ring's end on. Entries not yet sent keep the reason that they were delivered
        for."""
        place = self.places[org_id]
        if place.level == level:
            return
        try:
            place.ring.keep_reasons(self.user_id, place.position, place.level)
        except FellBehind:
            self.close(codes.TOO_SLOW)
        place.level = level
