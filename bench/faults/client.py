"""What every client of the matrix does: connect, show what comes, and come back."""

import asyncio
import time

import msgspec

from bench.faults.history import Closed, Record, Shown, Span
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

    open = staticmethod(open_wire)  # how a connection is opened; raises Refused and OSError

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
            self.wire = await self.open(base + self.address(), self.plan.cookie, self._hear)
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
        if frame.type in ("task_event", "event"):
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
