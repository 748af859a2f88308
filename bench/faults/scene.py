"""One run of one row on one system: two servers, a crowd of sockets, a writer, and what was found out."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Self

from django.db import close_old_connections

from bench.faults.book import Written
from bench.faults.checker import check
from bench.faults.children import Crowd, SocketState, WriterProcess
from bench.faults.client import Plan
from bench.faults.evidence import Evidence, Findings
from bench.faults.history import Span
from bench.faults.stage import Stage, System
from bench.faults.world import Person, World
from tests.servers import UvicornServer

POLL = 2.0  # seconds: the interval at which a process looks for what no hint told of
RATE = 20.0  # writes a second
GATHER = 60.0  # seconds that the crowd may take to connect
GRACE = 20.0  # seconds that stragglers have once the writing has ended
FULL = 60.0  # seconds of the full form
QUIET = 3.0  # seconds without a frame after which a system without a cursor brings no more


class Scene:
    def __init__(
        self, stage: Stage, system: System, seconds: float, sockets: int, tick: Callable[[], None]
    ) -> None:
        self.stage, self.system, self.seconds, self.sockets = stage, system, seconds, sockets
        self.found = Findings()
        self.removed: dict[str, tuple[int, int]] = {}  # user name -> organization, last position as a member
        self._tick = tick
        self._stack = ExitStack()

    @property
    def is_naive(self) -> bool:
        return self.system.name == "naive"

    @property
    def is_full(self) -> bool:
        return self.seconds >= FULL

    def times(self, full: int, short: int) -> int:
        return full if self.is_full else short

    # --- Before and after ----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            number = len(list(self.stage.directory.iterdir()))
            self.directory = self.stage.directory / f"scene-{number}"
            self.directory.mkdir()
            self.world = World(self.sockets)
            self.servers = [self._server(number) for number in range(2)]
            for server in self.servers:
                stack.push(server)
            with ThreadPoolExecutor() as together:
                list(together.map(lambda server: server.start(), self.servers))
            urls = [server.ws_url for server in self.servers]
            self.crowd = stack.enter_context(Crowd(self.system.name, urls, self.directory))
            self.writers: list[WriterProcess] = []
            self.writer = self.new_writer(stack)
            self._gather()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *failure: object) -> None:
        self._stack.close()

    def _server(self, number: int) -> UvicornServer:
        directory = self.directory / str(number)
        directory.mkdir()
        return self.system.server(directory, self.environment)

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.stage.environment) | {"DJANGO_SETTINGS_MODULE": self.system.settings}

    def new_writer(self, stack: ExitStack | None = None) -> WriterProcess:
        directory = self.directory / f"writer-{len(self.writers)}"
        directory.mkdir()
        writer = WriterProcess(self.world.targets, self.environment, directory)
        self.writers.append((stack or self._stack).enter_context(writer))
        return writer

    def _gather(self) -> None:
        plans = self.plans(self.sockets, self.world.people)
        self.crowd.add(plans)
        self.wait_until(
            lambda: all(socket.connected for socket in self.crowd.state()), "all sockets connect", GATHER
        )

    def plans(self, count: int, people: list[Person]) -> list[Plan]:
        return self.world.plans(count, people, with_user_sockets=self.system.has_user_sockets)

    # --- While it runs -------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
            self._tick()

    def wait_until(self, condition: Callable[[], bool], what: str, limit: float) -> float:
        """How many seconds it took. An expectation that does not hold when the limit is over."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > limit:
                self.expect(False, f"{what} within {limit:g} s")
                break
            self.wait(0.1)
        return time.monotonic() - began

    def expect(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.found.broken.append(f"not so: {sentence}")

    def note(self, sentence: str) -> None:
        self.found.notes.append(sentence)

    @contextmanager
    def writing(self, rate: float = RATE) -> Iterator[None]:
        self.writer.rate(rate)
        yield
        self.writer.rate(0)

    def burst(self, count: int, size: int = 5) -> Written:
        """Events of the first organization, in one transaction; each comment has `size` characters."""
        return self.writer.burst(count, size)

    def sockets_now(self) -> dict[str, SocketState]:
        return {socket.name: socket for socket in self.crowd.state()}

    def writes(self) -> list[Written]:
        return [written for writer in self.writers for written in writer.writes()]

    # --- The judgement -------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Wait for the stragglers."""
        close_old_connections()
        heads = self.world.heads()
        if self.is_naive:
            self._settle_quietly(heads)
        else:
            self.wait_until(
                lambda: self._behind(heads) == 0, "every socket shows the log's head in the end", GRACE
            )

    def _settle_quietly(self, heads: dict[int, int]) -> None:
        """Until all is there, or nothing has come for a while."""
        behind, quiet_since = self._behind(heads), time.monotonic()
        while behind and time.monotonic() - quiet_since < QUIET:
            self.wait(0.2)
            if (now := self._behind(heads)) != behind:
                behind, quiet_since = now, time.monotonic()

    def _behind(self, heads: dict[int, int]) -> int:
        """How many events all sockets together have still to show."""
        return sum(
            max(heads[org_id] - position, 0)
            for socket in self.crowd.state()
            if not socket.ended and socket.name.split()[0] not in self.removed
            for org_id, position in socket.stands.items()
        )

    def finish(self) -> None:
        """Wait for the stragglers and judge. Expectations about delays come after it."""
        self.settle()
        records = self.crowd.records()
        for record in records:
            if record.socket.split()[0] in self.removed:
                org_id, position = self.removed[record.socket.split()[0]]
                if org_id in record.rights:
                    record.rights[org_id], record.ended = Span(0, position), True
        self.found.damage = check(records, self.world.log())
        self.seen = Evidence(records, self.writes())
        tracebacks = sum(server.log.count("Traceback (most recent call last)") for server in self.servers)
        if tracebacks:
            sentence = f"{tracebacks} tracebacks in the servers' logs"
            if self.is_naive:
                self.note(sentence)
            else:
                self.expect(False, f"no traceback ({sentence})")

    def expect_all_writes_succeed(self) -> None:
        failed = self.seen.failed
        errors = ", ".join(sorted({written.error.split(":")[0] for written in failed}))
        what = f"{len(failed)} of {len(self.seen.writes)} failed: {errors}"
        self.expect(not failed, f"every write succeeds ({what})")
