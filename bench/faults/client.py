"""Two clients. One follows docs/protocol.md, "Rules for a client"; the other is the usual few lines for a socket that
has no cursor: it comes back and shows what comes. Neither hides a frame: what it would drop, the checker counts."""

import asyncio
import random
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import msgspec

from bench.faults.history import Closed, Connected, Record, Shown, Span
from bench.faults.wire import Refused, Wire, open_wire

GOOD = 30.0  # seconds after which a connection counts as good, and the back-off starts again
SILENCE, ANSWER = 25.0, 15.0  # seconds before a ping, and for its answer
PING = '{"type":"ping"}'


class Plan(msgspec.Struct):
    """Who connects where. `rights` is for the checker; `start` is where the logs stood before anything was written."""

    name: str
    path: str
    twin: str
    cookie: str
    home: int  # index of the server that it tries first
    rights: dict[int, Span]
    start: dict[int, int]


class Replay(msgspec.Struct):
    mode: str
    count: int


class Heard(msgspec.Struct):
    """What a client needs of any frame."""

    type: str
    org_id: int = 0
    position: int = 0
    event_id: int = 0
    cursor: str = ""
    replayed: bool = False
    replay: Replay | None = None


decode = msgspec.json.Decoder(Heard).decode


class Client:
    """What both have in common: connect, show, come back with a back-off, to the next server if this one is dead."""

    def __init__(self, plan: Plan, servers: list[str]) -> None:
        self.plan, self.servers = plan, servers
        self.record = Record(plan.name, plan.rights, [])
        self.stands: dict[int, int] = dict(plan.start)
        self.welcomed = False
        self.tried = asyncio.Event()  # the first handshake is over and, if it went well, the welcome is here
        self.refusals = 0
        self.wire: Wire | None = None
        self._failures, self._server = 0, plan.home
        self._heard_at = 0.0

    async def run(self) -> None:
        while not self.record.ended:
            began = time.monotonic()
            code = await self._connection()
            self.tried.set()
            self.welcomed, self.wire = False, None
            if time.monotonic() - began > GOOD:
                self._failures = 0
            delay = await self.pause(code)
            self._failures += 1
            self._server += 1
            await asyncio.sleep(delay)

    async def _connection(self) -> int | None:
        """The close code; None when there was no connection."""
        base = self.servers[self._server % len(self.servers)]
        try:
            self.wire = await open_wire(base + self.address(), self.plan.cookie, self._hear)
        except Refused as refused:
            self.refusals += 1
            return refused.status
        except OSError:
            return None
        self.opened()
        code = await self._until_closed(self.wire)
        self.record.history.append(Closed(time.monotonic(), code))
        return code

    async def _until_closed(self, wire: Wire) -> int:
        while not wire.closed.done():
            self._heard_at = time.monotonic()
            await asyncio.wait({wire.closed}, timeout=SILENCE)
            if not wire.closed.done() and time.monotonic() - self._heard_at >= SILENCE:
                wire.send(PING)
                await asyncio.wait({wire.closed}, timeout=ANSWER)
                if not wire.closed.done() and time.monotonic() - self._heard_at >= SILENCE + ANSWER:
                    wire.transport.abort()
        return wire.closed.result()

    def _hear(self, text: bytes) -> None:
        self._heard_at = time.monotonic()
        frame = decode(text)
        if frame.type == "task_event":
            self.event(frame)
        elif frame.type == "welcome":
            self.welcome(frame)
            self.welcomed = True
            self.tried.set()

    def show(self, frame: Heard) -> None:
        self.record.history.append(Shown(self._heard_at, frame.org_id, frame.position, frame.event_id))
        self.stands[frame.org_id] = max(self.stands.get(frame.org_id, 0), frame.position)

    def drop(self, *, politely: bool) -> None:
        """The network goes, and is back at once: nothing to back off from."""
        assert self.wire, "connected"
        self._failures = 0
        if politely:
            self.wire.close()
        else:
            self.wire.transport.abort()

    def deafen(self, seconds: float) -> None:
        assert self.wire, "connected"
        transport = self.wire.transport
        if transport.is_reading():
            transport.pause_reading()
            asyncio.get_running_loop().call_later(seconds, transport.resume_reading)

    def address(self) -> str:
        return self.plan.path

    def opened(self) -> None:
        """The handshake went well."""

    def welcome(self, frame: Heard) -> None:
        raise NotImplementedError

    def event(self, frame: Heard) -> None:
        raise NotImplementedError

    async def pause(self, code: int | None) -> float:
        """Seconds before the next try. Sets `record.ended` when there is none."""
        raise NotImplementedError


class CursorClient(Client):
    """Keeps the cursor of the newest frame it applied, and comes back with it."""

    def __init__(self, plan: Plan, servers: list[str]) -> None:
        super().__init__(plan, servers)
        self._cursors: dict[int, str] = {}
        self._replay_end, self._replaying, self._lists = "", 0, 0

    def address(self) -> str:
        return self.plan.path + (f"?after={','.join(self._cursors.values())}" if self._cursors else "")

    def welcome(self, frame: Heard) -> None:
        assert frame.replay, "a welcome without a replay"
        resumed = frame.replay.mode == "resume"
        if resumed:
            cursor = {org_id: position_of(cursor) for org_id, cursor in self._cursors.items()}
            self._replay_end, self._replaying = frame.cursor, frame.replay.count
        else:  # nothing known, or too much missed: the lists are read again, and what is replayed stands in them
            self._cursors, self._lists = by_organization(frame.cursor), frame.replay.count
            cursor = {org_id: position_of(cursor) for org_id, cursor in self._cursors.items()}
            self.stands |= cursor
        self.record.history.append(Connected(time.monotonic(), cursor, not resumed))
        self._end_of_replay()

    def event(self, frame: Heard) -> None:
        if self._lists and frame.replayed:
            self._lists -= 1
            return
        self.show(frame)
        self._cursors[frame.org_id] = frame.cursor
        if frame.replayed:
            self._replaying -= 1
            self._end_of_replay()

    def _end_of_replay(self) -> None:
        """Rule 2: what lies between the last replayed frame and the welcome's cursor was not addressed to us."""
        if self._replaying == 0 and self._replay_end:
            for org_id, cursor in by_organization(self._replay_end).items():
                if position_of(cursor) > position_of(self._cursors.get(org_id, "0.0.0")):
                    self._cursors[org_id] = cursor
            self._replay_end = ""

    async def pause(self, code: int | None) -> float:
        self._replay_end, self._replaying, self._lists = "", 0, 0
        if code in (4403, 4404, 1009):
            self.record.ended = True
        elif code in (403, 4401):
            base = self.servers[self._server % len(self.servers)].replace("ws://", "http://")
            answer = await asyncio.to_thread(status_of, base + self.plan.twin, self.plan.cookie)
            self.record.ended = answer in (401, 404)
        if code == 4408:
            return random.uniform(0, 1)
        if code == 4429:
            return random.uniform(30, 60)
        return random.uniform(0, min(30, 0.5 * 2**self._failures))


class PlainClient(Client):
    """The usual client: no cursor. It shows every frame, and when the socket closes it opens another."""

    def opened(self) -> None:
        first = not self.record.history
        if first:
            self.record.history.append(Connected(time.monotonic(), self.plan.start, True))
        self._first = first
        self._failures = 0
        if self.wire:
            self.wire.send(PING)

    def welcome(self, frame: Heard) -> None:
        """It says nothing that such a client would use."""

    def event(self, frame: Heard) -> None:
        if not (self._first and frame.replayed):  # the newest few of before the run
            self.show(frame)

    async def pause(self, code: int | None) -> float:
        return min(2.0 ** (self._failures + 1), 10.0)


def by_organization(cursors: str) -> dict[int, str]:
    return {int(cursor.split(".")[0]): cursor for cursor in cursors.split(",") if cursor}


def position_of(cursor: str) -> int:
    return int(cursor.split(".")[1])


def status_of(url: str, cookie: str) -> int:
    """The HTTP status of a page; 0 when nobody answers."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", parts.path, headers={"Cookie": cookie})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
