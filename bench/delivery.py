"""The delivery part of a run: every measure of every system in turn, again and again, in one run."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

import redis

from bench.crowd import Crowd
from bench.ground import Ground
from bench.measures import Meter, burst, closed_loop, open_loop
from bench.plan import Load, Plan
from bench.processes import OTHER_CORE, cpu_seconds, pin, raise_file_limit, resident_bytes, unpin
from bench.scribe import Scribe
from bench.systems.bare import Floor, NodeWs, SocketIo, install_node_peers
from bench.systems.base import System
from bench.systems.product import Carillon, Naive, Streams, WholeCommand
from bench.systems.setting import Setting
from bench.world import cookies, organization, people

WINDOW = 500  # handshakes at a time, except in the storm
WARM = 20  # sockets that a fresh server has had before a storm is measured

KINDS: list[type[System]] = [Carillon, Naive, Floor, NodeWs, SocketIo, Streams]
NODE_AT = 1000  # sockets of the closed loop in which Node's systems take part

Record = Callable[..., None]
Step = tuple[str, Callable[[], None]]  # what to show while it is done, and how to do it


@contextmanager
def setting_for(sizes: set[int], own: Ground) -> Iterator[Setting]:
    """People, places and connections: an organization of each size for each system."""
    users = people(max(sizes, default=0))
    places = {
        (kind.key, size): organization(f"{kind.key[:2]}-{size}", users[:size])
        for kind in KINDS
        for size in sizes
        if size == NODE_AT or kind not in (NodeWs, SocketIo, Streams)
    }
    environment = own.environment | {"LOG_LEVEL": "WARNING"}
    with asyncio.Runner() as runner, redis.Redis.from_url(own.redis.url) as connection:
        yield Setting(environment, own.directory, Scribe(), cookies(users), places, runner, connection)


def systems_in(setting: Setting) -> list[System]:
    carillon = Carillon(setting)
    return [carillon, WholeCommand(carillon), Naive(setting), Floor(setting)]


def node_systems_in(setting: Setting) -> list[System]:
    """None where they cannot be installed."""
    return [NodeWs(setting), SocketIo(setting)] if install_node_peers() else []


class Delivery:
    """The steps of each section are to be done in their order; each that measures records its rows."""

    def __init__(
        self, plan: Plan, setting: Setting, systems: list[System], redis_pid: int, record: Record
    ) -> None:
        self.plan, self.setting, self.systems = plan, setting, systems
        self.redis_pid, self.record = redis_pid, record
        self.crowds: dict[str, Crowd] = {}
        self.open = ExitStack()
        raise_file_limit()

    def sections(self) -> dict[str, Iterator[Step]]:
        loops = {str(size): self._sized(size) for size in self.plan.sizes}
        storm = self._in_turn("storm", self.servers, self._storm)
        # Two minutes of the naive consumer for one figure: once is enough.
        burst = self._in_turn("burst", self.servers, self._burst, once=Naive)
        return {
            "storm": self._apart(storm),
            **loops,
            "burst": self._apart(burst, self.plan.burst_sockets),
            "stream": self._streams(),
        }

    @property
    def servers(self) -> list[System]:
        """One system for each server process."""
        return [system for system in self.systems if not isinstance(system, WholeCommand)]

    def _apart(self, steps: Iterator[Step], size: int = 0, more: Sequence[System] = ()) -> Iterator[Step]:
        """The cores divided, and fresh servers with a crowd of that size, as long as the steps last."""
        yield "dividing the cores", self._pin
        if size:
            for system in [*self.servers, *more]:
                yield f"gathering: {system.label}", partial(self._gather, system, size)
        yield from steps
        yield "closing", self.disperse

    def _sized(self, size: int) -> Iterator[Step]:
        more = node_systems_in(self.setting) if size == NODE_AT else []
        yield from self._apart(self._loops(size, more), size, more)

    def _streams(self) -> Iterator[Step]:
        """Sockets and streams side by side, each on a server of its own."""
        both = [self.systems[0], Streams(self.setting)]
        yield "dividing the cores", self._pin
        for system in both:
            yield f"gathering: {system.label}", partial(self._gather, system, NODE_AT)
        yield from self._in_turn("closed loop", both, partial(self._closed, part="stream"))
        yield "closing", self.disperse

    def _loops(self, size: int, more: Sequence[System]) -> Iterator[Step]:
        yield from self._in_turn("closed loop", [*self.systems, *more], self._closed)
        for load in self.plan.loads:
            if load.sockets == size:
                yield from self._in_turn("open loop", self.servers, partial(self._open, load))

    def _in_turn(
        self,
        what: str,
        systems: Sequence[System],
        measure: Callable[[System], None],
        once: type[System] | tuple[()] = (),
    ) -> Iterator[Step]:
        for turn in range(self.plan.repetitions):
            for system in systems:
                if turn == 0 or not isinstance(system, once):
                    yield f"{what}: {system.label}", partial(measure, system)

    def _pin(self) -> None:
        for pid in (0, self.redis_pid):
            pin(pid, OTHER_CORE)
            self.open.callback(unpin, pid)

    def _gather(self, system: System, size: int) -> None:
        """A fresh server, and a crowd of that size."""
        system.start()
        self.open.callback(system.stop)
        self.crowds[system.key] = crowd = self.open.enter_context(Crowd())
        crowd.open(system.dial(size, size, WINDOW))

    def disperse(self) -> None:
        self.open.close()
        self.crowds = {}

    def _closed(self, system: System, part: str = "closed") -> None:
        crowd = self.crowds[system.key]
        measured = closed_loop(system, crowd, self._meter(system), self.plan.closed[crowd.size])
        self.record(part, system.label, crowd.size, **measured)

    def _open(self, load: Load, system: System) -> None:
        crowd = self.crowds[system.key]
        measured = open_loop(system, crowd, self._meter(system), load, self.plan.open_seconds)
        self.record("open", system.label, crowd.size, rate=load.rate, **measured)

    def _burst(self, system: System) -> None:
        crowd = self.crowds[system.key]
        measured = burst(system, crowd, self._meter(system), self.plan.burst_events)
        self.record("burst", system.label, crowd.size, **measured)

    def _meter(self, system: System) -> Meter:
        return Meter(system.server.pid, self.redis_pid)

    def _storm(self, system: System) -> None:
        """Everybody at once, on a server that has just started: as after a restart."""
        size = self.plan.storm_sockets
        system.start()
        try:
            with Crowd() as crowd:
                crowd.open(system.dial(size, WARM, WARM))
                crowd.close()
                pid = system.server.pid
                dial = system.dial(size, size, size)
                memory, cpu = resident_bytes(pid), cpu_seconds(pid)
                opened = crowd.open(dial)
                self.record(
                    "storm",
                    system.label,
                    size,
                    server_us=(cpu_seconds(pid) - cpu) / size * 1e6,
                    seconds=opened.seconds,
                    refused=opened.refused,
                    socket_kib=(resident_bytes(pid) - memory) / size / 1024,
                    authenticated=system.checks_sessions,
                )
        finally:
            system.stop()
