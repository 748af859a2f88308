"""The hub: one per process and event loop, between the channel layer and the sockets of this process.

It keeps one log per organization that has sockets here. A message of the layer is a hint: it is applied only where
it comes from this installation, follows on the ring's end by position and digest, and speaks of the members as the hub
knows them; anything else is read from the database (`realtime/polling.py`). Where the database holds another history
than a ring, a restored backup or a standby that lost the newest events, the ring goes and its sockets come back.
"""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from base import messages
from base.announcements import org_group_name, user_group_name
from base.database_troubles import tell
from base.figures import Tally, counter, gauge
from inbox.org_inboxes import OrgInbox
from realtime import codes, installation, polling, reads
from realtime.batch import Batch, one_frame
from realtime.broadcast import sender
from realtime.followed_log import FollowedLog
from realtime.frames import MembershipFrame
from realtime.reader import Reader
from realtime.subscription import Subscription
from realtime.threads import in_thread
from realtime.within_reach import unread_within
from tokens.text import TokenKey

logger = logging.getLogger(__name__)

SOCKETS_PER_USER = 20  # with streams

SOCKETS = gauge("sockets", "Sockets that are live or about to be.")
STREAMS = gauge("streams", "Event streams that are live or about to be.")
RINGS = gauge("rings", "Logs that sockets here follow.")
RING_BYTES = gauge("ring_bytes", "Encoded frames in the rings.")
HINTS = Tally(
    "hints",
    "Hints about logs that sockets here follow: used, or a hole was read for them.",
    "result",
    ["used", "not_used"],
)
READS = counter(
    "log_reads", "Reads of a log from its ring's end on, by what found that it is behind.", ["by"]
)
RESTARTS = counter("log_restarts", "Rings given up because the database holds another history.")


class Hub:
    def __init__(self) -> None:
        self.logs: dict[int, FollowedLog] = {}
        self.users: dict[int, set[Reader]] = {}
        self._groups: dict[str, FollowedLog] = {}  # the same logs, by the names of their groups
        self.layer = Subscription(self.handle, self._joined)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unflushed: set[FollowedLog] = set()
        self._asked_who_we_are = float("-inf")

    # --- Readers come and go -------------------------------------------------------------------------------

    def has_room(self, user_id: int) -> bool:
        return len(self.users.get(user_id, ())) < SOCKETS_PER_USER

    def join(self, reader: Reader, places: Iterable[OrgInbox]) -> bool:
        """Follow these logs from where the reader's own read of the database ended. False when the rings cannot go on
        from there: then read again. The reader is sent nothing before its `start`."""
        places = list(places)
        for place in places:
            log = self.logs.get(place.org_id)
            if log and log.contradicts(place.position, place.digest):
                self.restart(log)
                return False
            if log and not log.can_serve(reader.user_id, place):
                self.fill(log)
                return False
        if not self._tasks:
            self._start()
        self.users.setdefault(reader.user_id, set()).add(reader)
        self.layer.want(user_group_name(reader.user_id))
        for place in places:
            self._follow(reader, place)
        return True

    async def settle(self) -> None:
        """Wait until hints for every log and user here come in, or the layer has been given up on for now."""
        await self.layer.settle()

    def leave(self, reader: Reader) -> None:
        """End the reader's place here, whatever happened to the socket. Twice is harmless."""
        for org_id in list(reader.places):
            self._unfollow(reader, org_id)
        readers = self.users.get(reader.user_id, set())
        readers.discard(reader)
        if not readers:
            self.users.pop(reader.user_id, None)
            self.layer.drop(user_group_name(reader.user_id))
        if not self.users:
            self._stop()
            self.measure()

    def readers(self) -> list[Reader]:
        return [reader for readers in self.users.values() for reader in readers]

    def measure(self) -> None:
        """Set the gauges of what is here now."""
        readers = self.readers()
        streams = sum(reader.wire.is_stream for reader in readers)
        SOCKETS.set(len(readers) - streams)
        STREAMS.set(streams)
        RINGS.set(len(self.logs))
        RING_BYTES.set(sum(log.ring.size for log in self.logs.values()))

    def _follow(self, reader: Reader, place: OrgInbox) -> None:
        new = place.org_id not in self.logs
        log = self.logs.setdefault(place.org_id, FollowedLog(place))
        log.add(reader, place)
        if new:
            group = org_group_name(place.org_id)
            self._groups[group] = log
            if self.layer.want(group):
                # Still subscribed since the last reader left. Hints that came after this reader's read found no log.
                self.fill(log)

    def _unfollow(self, reader: Reader, org_id: int) -> None:
        log = self.logs.get(org_id)
        if log is None:
            return
        log.remove(reader)
        if not log.places:
            del self.logs[org_id], self._groups[org_group_name(org_id)]
            self.layer.drop(org_group_name(org_id))

    # --- Hints ---------------------------------------------------------------------------------------------

    def handle(self, message: dict[str, Any]) -> None:
        """Take one message of the channel layer."""
        if message.get(installation.KEY) == installation.known():
            self._hear(message)
        else:
            self._spawn(self._hear_if_ours(message))

    async def _hear_if_ours(self, message: dict[str, Any]) -> None:
        """Ask who we are, once a second at most: the database server may have been restarted or replaced."""
        now = asyncio.get_running_loop().time()
        if now - self._asked_who_we_are < 1.0:
            return
        self._asked_who_we_are = now
        if await in_thread(installation.identity) == message.get(installation.KEY):
            self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        """Act on a message that is ours. Unknown types are ignored: a newer release may run beside us."""
        try:
            read = messages.read(message)
        except messages.Unreadable:
            self._look_at_what_it_names(message)
            return
        match read:
            case messages.LogAppended():
                self._appended(read)
            case messages.OrgEvent(org_id, payload):
                self._to_org(org_id, one_frame(payload))
            case messages.UserEvent(user_id, payload):
                self._to_user(user_id, payload)
            case messages.MembershipChanged():
                self._spawn(self._membership_changed(read))
            case messages.SessionChanged(user_id):
                self._spawn(self.check_rights([user_id]))

    def _look_at_what_it_names(self, message: dict[str, Any]) -> None:
        """Take a message of another release that does not fit, or one that was shortened, as a hint all the same."""
        org_id, user_id = message.get("org_id"), message.get("user_id")
        if isinstance(org_id, int) and (log := self.logs.get(org_id)):
            if isinstance(position := message.get("position"), int):
                log.hinted = max(log.hinted, position)
            self.fill(log)
        if isinstance(user_id, int):
            self._spawn(self.check_rights([user_id]))

    def _appended(self, message: messages.LogAppended) -> None:
        log = self.logs.get(message.org_id)
        if log is None:
            return
        if log.hint(message):
            HINTS.counts["used"] += 1
            self._flush_soon(log)
        else:
            HINTS.counts["not_used"] += 1
            self.fill(log)

    def _flush_soon(self, log: FollowedLog) -> None:
        """Flush once for all that comes in this turn of the event loop: one write for each socket."""
        if not self._unflushed:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unflushed.add(log)

    def _flush(self) -> None:
        logs, self._unflushed = self._unflushed, set()
        for log in logs:
            log.flush()

    def _to_org(self, org_id: int, batch: Batch) -> None:
        log = self.logs.get(org_id)
        for reader in tuple(log.places) if log else ():
            if reader.org_id is not None:
                reader.control(batch)

    def _to_user(self, user_id: int, payload: dict[str, Any]) -> None:
        readers = [reader for reader in self.users.get(user_id, ()) if reader.org_id is None]
        batch = one_frame(payload) if readers else None
        for reader in readers:
            if reader.only is not None:
                self._spawn(self._to_limited(reader, reader.only, payload))
            elif batch:
                reader.control(batch)

    async def _to_limited(self, reader: Reader, org_id: int, payload: dict[str, Any]) -> None:
        """Tell one that a token of one organization opened what is within its reach."""
        if payload.get("type") == "unread":
            frame = await in_thread(unread_within, reader.user_id, org_id, payload)
            if frame is not None:
                reader.control(one_frame(frame))

    # --- Rights --------------------------------------------------------------------------------------------

    async def _membership_changed(self, message: messages.MembershipChanged) -> None:
        """Let sockets follow what their user joined, left, or changed in role or level."""
        user_id, org_id = message.user_id, message.org_id
        if user_id not in self.users:
            return
        if message.change == "changed":
            for reader in self.users[user_id]:
                if reader.org_id is None and reader.only in (None, org_id):
                    reader.control(one_frame(MembershipFrame(org_id, "changed")))
        await self.check_rights([user_id])
        if org_id in self.logs:
            self.fill(self.logs[org_id])

    async def check_rights(self, user_ids: Iterable[int]) -> None:
        """Close the sockets whose session or token counts no more, and let the others follow what their users joined
        or left."""
        readers = [reader for user_id in user_ids for reader in self.users.get(user_id, ())]
        joined = await in_thread(reads.rights, {reader.credential for reader in readers})
        for reader in readers:
            if reader.credential not in joined:
                reader.close(codes.SIGNED_OUT)
                continue
            for org_id in reader.places.keys() - joined[reader.credential]:
                self.revoke(reader, org_id)
            if reader.org_id is None and (new := joined[reader.credential] - reader.places.keys()):
                for org_id in new:
                    reader.control(one_frame(MembershipFrame(org_id, "joined")))
                # Its cursors do not name the new organization: resuming replays all of it, exactly once.
                reader.close(codes.TOO_OLD)

    async def check_tokens(self) -> None:
        """Close the sockets whose token was revoked or has expired. No query while none is opened by a token."""
        readers = [reader for reader in self.readers() if isinstance(reader.credential, TokenKey)]
        good = (
            await in_thread(reads.in_force, {reader.credential for reader in readers}) if readers else set()
        )
        for reader in readers:
            if reader.credential not in good:
                reader.close(codes.SIGNED_OUT)

    def revoke(self, reader: Reader, org_id: int) -> None:
        self._unfollow(reader, org_id)
        if reader.org_id is None:
            reader.control(one_frame(MembershipFrame(org_id, "left")))
        else:
            reader.close(codes.NOT_A_MEMBER)

    # --- The database --------------------------------------------------------------------------------------

    def fill(self, log: FollowedLog, by: str = "hole") -> None:
        """Read the log from the ring's end on; one read at a time, and one more if it was asked for meanwhile. `by`:
        what found that there is something to read, for the figures."""
        log.fill_again = True
        if log.filling is None or log.filling.done():
            log.filling_by = by
            log.filling = self._spawn(self._fill(log))

    async def _fill(self, log: FollowedLog) -> None:
        while log.fill_again and log.places:
            log.fill_again = False
            asked = {reader.user_id for reader in log.places}
            found = await in_thread(reads.tail, log.org_id, log.ring.position, asked)
            READS.labels(log.filling_by).inc()
            if not log.is_followed_by(found):
                self.restart(log)
                return
            if not log.is_for_everybody(found, asked):
                log.fill_again = True
                continue
            for reader in tuple(log.places):
                if reader.user_id in found.levels:
                    reader.set_level(log.org_id, found.levels[reader.user_id])
                elif reader.user_id in asked:
                    self.revoke(reader, log.org_id)
            log.append(found, asked)
            log.flush()
            log.fill_again |= found.more

    async def look(self, org_ids: Collection[int], by: str) -> dict[int, int]:
        """Fill where the database is ahead, restart where it is behind or differs. Returns the logs' heads."""
        known = {org_id: (self.logs[org_id], self.logs[org_id].furthest) for org_id in org_ids}
        heads = await in_thread(reads.heads, list(org_ids)) if org_ids else {}
        for org_id, (log, position) in known.items():
            head = heads.get(org_id)
            if log is not self.logs.get(org_id):
                continue  # nobody reads it any more
            if head is None or head.position < position or log.contradicts(head.position, head.digest):
                self.restart(log)
            elif head.position > log.ring.position or head.membership_version != log.version:
                self.fill(log, by)
        return {org_id: head.position for org_id, head in heads.items()}

    def restart(self, log: FollowedLog) -> None:
        """Close the sockets: the database holds another history than this ring. They come back with their
        cursors, which say what each has shown; the first of them brings a new ring."""
        RESTARTS.inc()
        logger.warning("The log of organization %d is not the one shown: its sockets resume", log.org_id)
        for reader in tuple(log.places):
            self._unfollow(reader, log.org_id)
            reader.close(codes.TOO_OLD)

    # --- Tasks ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        sender.serve_on(asyncio.get_running_loop())
        for loop in (self.layer.run(), *polling.loops(self)):
            self._spawn(loop)

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = set()

    def _joined(self, groups: set[str]) -> None:
        """Fill what was committed between a reader's read and this moment: it had no one to hint it to."""
        org_ids = [self._groups[group].org_id for group in groups if group in self._groups]
        if org_ids:
            self._spawn(polling.after_joining(self, org_ids))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not tell(error):
            logger.warning("Live updates wait for the next poll: %r", error)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def get_hub() -> Hub:
    """Find the hub of the running event loop; whoever asks first makes it."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
