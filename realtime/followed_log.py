"""One organization's log as this process follows it: its ring, the readers of it, and what may be added to it.

No layer and no database: hints and reads are handed in.
"""

import asyncio
import time

from base import tracing
from base.figures import Spread, Tally
from base.messages import LogAppended
from inbox.org_inboxes import OrgInbox
from realtime.batch import Batch
from realtime.reader import Place, Reader, said
from realtime.reads import Tail
from realtime.ring import Entry, FellBehind, Ring, frames_for

DELIVERY = Spread(
    "delivery_seconds",
    "From the commit of an event to its write on the sockets that are ready, once for each event.",
)
EVENTS = Tally(
    "events_heard",
    "Events that came to sockets: by a hint, or read for a hole, the poll or joining.",
    "by",
    ["hint", "hole", "joining", "poll"],
)
FRAMES = Tally("frames", "Events times sockets that followed them when they came.")


class FollowedLog:
    def __init__(self, place: OrgInbox) -> None:
        self.org_id = place.org_id
        self.ring = Ring(place.position, place.digest)
        # position -> digest beyond the ring's end, where readers stood who came from the database
        self._promised: dict[int, str] = {}
        self.places: dict[Reader, Place] = {}
        # The membership version at which every reader's level is right; None when some reader's may not be.
        self.version: int | None = place.membership_version
        self.hinted = place.position  # the furthest position that a hint has told of
        self.expected = (
            place.position
        )  # the head at the last poll: by the next one a hint must have told of it
        self.filling: asyncio.Task[None] | None = None
        self.fill_again = False
        self.filling_by = "hole"  # what found that there is something to read: a hole, the poll or joining
        self._flushed = place.position
        self._traces: list[tuple[str, int]] = []  # of hints that were taken: their traceparents, and when
        self._moments: list[float] = []  # when what is to be flushed was committed, in seconds since 1970

    def contradicts(self, position: int, digest: str) -> bool:
        """Say whether the ring holds another history than the one with this digest there. False where it
        cannot tell."""
        known = self._promised.get(position) or self.ring.digest_at(position)
        return known not in (None, digest)

    @property
    def furthest(self) -> int:
        """The position up to which the database is known to have come."""
        return max(self.ring.position, *self._promised, 0)

    def can_serve(self, user_id: int, place: OrgInbox) -> bool:
        """Say whether a reader who read the database up to this place can go on from the ring."""
        try:
            entries = self.ring.after(place.position)
        except FellBehind:
            return False
        return all(entry.knows(user_id, place.membership_version) for entry in entries)

    def add(self, reader: Reader, place: OrgInbox) -> None:
        if self.version != place.membership_version:
            self.version = None
        if place.position > self.ring.position:
            self._promised[place.position] = place.digest
        known = place.position, said(place.cursor) if reader.org_id is None else b""
        self.places[reader] = reader.places[self.org_id] = Place(
            self.ring, place.position, place.level, known
        )

    def remove(self, reader: Reader) -> None:
        self.places.pop(reader, None)
        reader.places.pop(self.org_id, None)

    # --- What is added -------------------------------------------------------------------------------------

    def hint(self, message: LogAppended) -> bool:
        """Append what a hint brings. False when it does not follow on the ring's end by position and digest, or speaks
        of members whom we know otherwise."""
        events, version = message.events, message.membership_version
        last, digest = events[-1].position, events[-1].digest
        self.hinted = max(self.hinted, last)
        if last <= self.ring.position:
            return self.ring.digest_at(last) == digest
        old = len(events) - (last - self.ring.position)  # how many of them the ring has
        if old < 0 or version != self.version:
            return False
        if (events[old - 1].digest if old else message.follows) != self.ring.digest:
            return False
        if self._promised and any(self.contradicts(event.position, event.digest) for event in events[old:]):
            return False
        for event in events[old:]:
            self._append(Entry(event, version))
            if message.committed:
                self._moments.append(message.committed)
        EVENTS.counts["hint"] += len(events) - old
        if message.trace:
            self._traces.append((message.trace, time.time_ns()))
        return True

    def is_followed_by(self, found: Tail) -> bool:
        """Say whether the database still has the ring's end, and goes on from there as everybody here has read it. What
        came next may have left for the archive."""
        return (
            self.ring.digest_at(found.after) in (None, found.before)
            and not (found.events and found.events[0].position > found.after + 1)
            and not any(self.contradicts(event.position, event.digest) for event in found.events)
        )

    def is_for_everybody(self, found: Tail, asked: set[int]) -> bool:
        """Say whether each reader who needs these events was asked about: some may have joined meanwhile."""
        end = found.events[-1].position if found.events else 0
        return all(reader.user_id in asked or place.position >= end for reader, place in self.places.items())

    def append(self, found: Tail, asked: set[int]) -> None:
        """Append what the database brings, after the levels that it was read with have been set."""
        before, everybody = self.ring.position, all(reader.user_id in asked for reader in self.places)
        self.version = found.membership_version if everybody else None
        for event in found.events:
            if event.position == self.ring.position + 1:
                told = found.reasons.get(event.event_id, {})
                rows = {user_id: told.get(user_id) for user_id in asked}
                self._append(Entry(event, None, rows))
        new = self.ring.position - before
        self._moments += found.moments[len(found.moments) - new :] if new else ()
        EVENTS.counts[self.filling_by] += new

    def _append(self, entry: Entry) -> None:
        self.ring.append(entry)
        if self._promised:
            self._promised.pop(entry.position, None)

    # --- What goes out -------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write once to each reader who stands where the last flush ended, joined once for all who get the
        same. Whoever stands elsewhere, or is spoken of by name, gets their own; whoever is not ready stays
        where they are."""
        began = time.time_ns() if self._traces else 0
        start, self._flushed = self._flushed, self.ring.position
        end = self._flushed
        try:
            entries = self.ring.after(start)
        except FellBehind:
            start, entries = -1, []
        named = set().union(*(entry.singled_out for entry in entries))
        prepared: dict[tuple[str, bool], list[Batch]] = {}
        for reader, place in tuple(self.places.items()):
            if not reader.ready:
                continue
            if place.position != start or reader.user_id in named:
                reader.catch_up(place)
                continue
            kind = place.level, reader.all_events
            batches = prepared.get(kind)
            if batches is None:
                batches = prepared[kind] = list(
                    frames_for(reader.user_id, place.level, entries, all_events=reader.all_events)
                )
            reader.write(place, batches, end)
        if self._moments:
            self._count()
        if self._traces:
            self._trace(began)

    def _trace(self, began: int) -> None:
        for parent, heard in self._traces:
            hub = tracing.passed("hub", parent, heard)
            tracing.passed("frames", hub, began, sockets=len(self.places))
        self._traces.clear()

    def _count(self) -> None:
        """Count for all sockets at once what a flush has written."""
        now = time.time()
        for moment in self._moments:
            DELIVERY.observe(now - moment)
        FRAMES.counts[""] += len(self._moments) * len(self.places)
        self._moments.clear()
