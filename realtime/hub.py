"""The hub: one per process and event loop, between the channel layer and the sockets of this process.

It keeps one ring per organization that has sockets here. A message of the layer is a hint: it is applied only where
it follows on the ring's position and speaks of the members as the hub knows them; anything else is read from the
database. A poll finds what no hint told of.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from inbox.standing import Standing
from orgs.transactions import org_group_name, user_group_name
from realtime import codes, reads
from realtime.reader import Place, Reader
from realtime.ring import Entry, FellBehind, Ring, encode
from realtime.subscription import Subscription, for_ever
from realtime.threads import in_thread

logger = logging.getLogger(__name__)

POLL = 2.0  # seconds between two looks at the heads: how long a lost hint can delay a frame
RECHECK = 30.0  # seconds between two looks at who may still listen
SOCKETS_PER_USER = 20


class Log:
    """One organization's log as this process follows it."""

    def __init__(self, place: Standing) -> None:
        self.org_id = place.org_id
        self.ring = Ring(place.position)
        self.readers: set[Reader] = set()
        # The membership version at which every reader's level is right; None when some reader's may not be.
        self.version: int | None = place.membership_version
        self.filling: asyncio.Task[None] | None = None
        self.fill_again = False


class Hub:
    def __init__(self) -> None:
        self.logs: dict[int, Log] = {}
        self.users: dict[int, set[Reader]] = {}
        self._layer = Subscription(self._wanted, self.handle, self._joined)
        self._tasks: set[asyncio.Task[None]] = set()

    # --- Readers come and go -------------------------------------------------------------------------------

    def has_room(self, user_id: int) -> bool:
        return len(self.users.get(user_id, ())) < SOCKETS_PER_USER

    def join(self, reader: Reader, places: Iterable[Standing]) -> bool:
        """Follow these logs from where the reader's own read of the database ended. False when the rings cannot go on
        from there: then read again. The reader sends nothing before its `run` is started."""
        places = list(places)
        if not all(self._can_serve(reader, place) for place in places):
            return False
        if not self._tasks:
            self._start()
        self.users.setdefault(reader.user_id, set()).add(reader)
        for place in places:
            self._follow(reader, place)
        self._layer.regroup()
        return True

    async def settle(self) -> None:
        """Wait until hints for every log and user here come in, or the layer has been given up on for now."""
        await self._layer.settle()

    def leave(self, reader: Reader) -> None:
        """Whatever happened to the socket, this is its end here. Twice is harmless."""
        for org_id in list(reader.places):
            self._unfollow(reader, org_id)
        readers = self.users.get(reader.user_id, set())
        readers.discard(reader)
        if not readers:
            self.users.pop(reader.user_id, None)
        self._layer.regroup()
        if not self.users:
            self._stop()

    def _can_serve(self, reader: Reader, place: Standing) -> bool:
        log = self.logs.get(place.org_id)
        if log is None:
            return True
        try:
            entries = log.ring.after(place.position)
        except FellBehind:
            return False
        return all(entry.knows(reader.user_id, place.membership_version) for entry in entries)

    def _follow(self, reader: Reader, place: Standing) -> None:
        new = place.org_id not in self.logs
        log = self.logs.setdefault(place.org_id, Log(place))
        if log.version != place.membership_version:
            log.version = None
        log.readers.add(reader)
        reader.places[place.org_id] = Place(log.ring, place.position, place.level)
        reader.wake()
        if new and org_group_name(place.org_id) in self._layer.groups:
            # Still subscribed since the last reader left. Hints that came after this reader's read found no log.
            self.fill(log)

    def _unfollow(self, reader: Reader, org_id: int) -> None:
        reader.places.pop(org_id, None)
        log = self.logs.get(org_id)
        if log is None:
            return
        log.readers.discard(reader)
        if not log.readers:
            del self.logs[org_id]

    # --- Hints ---------------------------------------------------------------------------------------------

    def handle(self, message: dict[str, Any]) -> None:
        """One message of the channel layer. Unknown types are ignored: a newer release may be running beside us."""
        match message.get("type"):
            case "log.appended":
                self._appended(message)
            case "org.event":
                self._to_org(message["org_id"], message["payload"])
            case "user.event":
                self._to_user(message["user_id"], message["payload"])
            case "membership.changed":
                self._spawn(self._membership_changed(message))
            case "session.changed":
                self._spawn(self._check_rights([message["user_id"]]))

    def _appended(self, message: dict[str, Any]) -> None:
        log = self.logs.get(message["org_id"])
        if log is None:
            return
        version = message["membership_version"]
        fresh = [event for event in message["events"] if event["frame"]["position"] > log.ring.position]
        if not fresh:
            return
        if fresh[0]["frame"]["position"] != log.ring.position + 1 or version != log.version:
            self.fill(log)
            return
        for event in fresh:
            log.ring.append(Entry(event["frame"], dict(event["participants"]), version))
        self._wake(log)

    def _to_org(self, org_id: int, payload: dict[str, Any]) -> None:
        log = self.logs.get(org_id)
        text = encode(payload).decode()
        for reader in log.readers if log else ():
            if reader.org_id is not None:
                reader.control(text)

    def _to_user(self, user_id: int, payload: dict[str, Any]) -> None:
        text = encode(payload).decode()
        for reader in self.users.get(user_id, ()):
            if reader.org_id is None:
                reader.control(text)

    async def _membership_changed(self, message: dict[str, Any]) -> None:
        """Somebody joined, left, or changed role or level: their sockets follow."""
        user_id, org_id = message["user_id"], message["org_id"]
        if user_id not in self.users:
            return
        if message["change"] == "changed":
            self._to_user(user_id, membership_frame(org_id, "changed"))
        await self._check_rights([user_id])
        if org_id in self.logs:
            self.fill(self.logs[org_id])

    async def _check_rights(self, user_ids: Iterable[int]) -> None:
        """Close the sockets whose session has ended, and let the others follow what their users joined or left."""
        readers = [reader for user_id in user_ids for reader in self.users.get(user_id, ())]
        joined = await in_thread(reads.rights, {reader.session_key for reader in readers})
        for reader in readers:
            if reader.session_key not in joined:
                reader.close(codes.SIGNED_OUT)
                continue
            for org_id in reader.places.keys() - joined[reader.session_key]:
                self._revoke(reader, org_id)
            if reader.org_id is None and (new := joined[reader.session_key] - reader.places.keys()):
                for org_id in new:
                    reader.control(encode(membership_frame(org_id, "joined")).decode())
                # Its cursors do not name the new organization: resuming replays all of it, exactly once.
                reader.close(codes.TOO_OLD)

    def _revoke(self, reader: Reader, org_id: int) -> None:
        self._unfollow(reader, org_id)
        self._layer.regroup()
        if reader.org_id is None:
            reader.control(encode(membership_frame(org_id, "left")).decode())
        else:
            reader.close(codes.NOT_A_MEMBER)

    def _wake(self, log: Log) -> None:
        for reader in log.readers:
            reader.wake()

    # --- The database --------------------------------------------------------------------------------------

    def fill(self, log: Log) -> None:
        """Read the log from the ring's end on; one read at a time, and one more if it was asked for meanwhile."""
        log.fill_again = True
        if log.filling is None or log.filling.done():
            log.filling = self._spawn(self._fill(log))

    async def _fill(self, log: Log) -> None:
        while log.fill_again and log.readers:
            log.fill_again = False
            asked = {reader.user_id for reader in log.readers}
            found = await in_thread(reads.tail, log.org_id, log.ring.position, asked)
            if self._is_for_everybody(log, found, asked):
                self._apply(log, found, asked)
                log.fill_again |= found.more
            else:
                log.fill_again = True

    def _is_for_everybody(self, log: Log, found: reads.Tail, asked: set[int]) -> bool:
        """Whether each reader who needs these events was asked about: some may have joined during the read."""
        end = found.events[-1].position if found.events else 0
        joined = [reader for reader in log.readers if reader.user_id not in asked]
        return all(reader.places[log.org_id].position >= end for reader in joined)

    def _apply(self, log: Log, found: reads.Tail, asked: set[int]) -> None:
        for reader in list(log.readers):
            if reader.user_id in found.levels:
                reader.set_level(log.org_id, found.levels[reader.user_id])
            elif reader.user_id in asked:
                self._revoke(reader, log.org_id)
        everybody = all(reader.user_id in asked for reader in log.readers)
        log.version = found.membership_version if everybody else None
        for event, frame in zip(found.events, found.frames, strict=True):
            if event.position == log.ring.position + 1:
                told = found.reasons.get(event.pk, {})
                rows = {user_id: told.get(user_id) for user_id in asked}
                log.ring.append(Entry(frame, {}, None, rows))
        self._wake(log)

    async def _recheck(self) -> None:
        """Rights that changed without a hint, or whose hint was lost."""
        while True:
            await asyncio.sleep(RECHECK)
            await self._check_rights(list(self.users))

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            heads = await in_thread(reads.heads, list(self.logs))
            for org_id, (position, version) in heads.items():
                log = self.logs.get(org_id)
                if log and (position > log.ring.position or version != log.version):
                    self.fill(log)

    # --- Tasks ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        for loop in (self._layer.receive, self._layer.keep_groups, self._poll, self._recheck):
            self._spawn(for_ever(loop, self._layer.regroup))

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = set()
        self._layer.reset()

    def _wanted(self) -> set[str]:
        return {*map(org_group_name, self.logs), *map(user_group_name, self.users)}

    def _joined(self, group: str) -> None:
        """What was committed between a reader's read and this moment had no one to hint it to."""
        for log in self.logs.values():
            if org_group_name(log.org_id) == group:
                self.fill(log)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.warning("Live updates wait for the next poll: %r", error)


def membership_frame(org_id: int, change: str) -> dict[str, Any]:
    return {"type": "membership", "org_id": org_id, "change": change}


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def get_hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
