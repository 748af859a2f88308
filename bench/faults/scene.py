"""One run of one row on one system: what it does, what it expects, and what was found out."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from bench.faults.book import Written
from bench.faults.cast import Cast
from bench.faults.checker import Fork, check, check_forked
from bench.faults.evidence import Evidence, Findings
from bench.faults.indexed import has_taken_all, wrong_entries
from bench.faults.settling import Settling
from bench.faults.stage import Stage, System
from search import index

POLL = 2.0  # seconds: the interval at which a process looks for what no hint told of
RATE = 20.0  # writes a second
GATHER = 60.0  # seconds that the crowd may take to connect
GRACE = 20.0  # seconds that stragglers have once the writing has ended
FULL = 60.0  # seconds of the full form


class Scene(Cast):
    """`seen` is there once it is finished."""

    seen: Evidence

    def __init__(
        self,
        stage: Stage,
        system: System,
        seconds: float,
        sockets: int,
        stack: ExitStack,
        tick: Callable[[], None],
    ) -> None:
        self.seconds, self._tick = seconds, tick
        self.found = Findings()
        self.removed: dict[str, tuple[int, int]] = {}  # user name -> organization, last position as a member
        self.fork: Fork | None = None
        super().__init__(stage, system, sockets, stack)
        self.wait_until(
            lambda: all(socket.connected for socket in self.crowd.state()), "all sockets connect", GATHER
        )

    @property
    def is_full(self) -> bool:
        return self.seconds >= FULL

    def times(self, full: int, short: int) -> int:
        return full if self.is_full else short

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

    @contextmanager
    def writing(self, rate: float = RATE) -> Iterator[None]:
        self.writer.rate(rate)
        yield
        self.writer.rate(0)

    @contextmanager
    def writing_unhindered(self, rate: float = RATE) -> Iterator[None]:
        """Writing, whatever is done meanwhile; then the judgement, and no write may have failed. Without a rate only
        what the row itself writes is written."""
        with self.writing(rate):
            yield
        self.finish()
        failed = self.seen.failed
        errors = ", ".join(sorted({written.error.split(":")[0] for written in failed}))
        what = f"{len(failed)} of {len(self.seen.writes)} failed: {errors}"
        self.expect(not failed, f"every write succeeds ({what})")

    def burst(self, count: int, size: int = 5, word: str = "ding ") -> Written:
        """Events of the first organization, in one transaction; each comment has `size` characters, of that word."""
        return self.writer.burst(count, size, word=word)

    def about_to_fork(self) -> None:
        """Nobody writes. What the log holds now beyond some place is about to be lost."""
        for target in range(
            len(self.world.targets)
        ):  # done after the write that was under way when writing ended
            self.writer.ask({"do": "roll back", "target": target})
        self.fork = Fork(time.monotonic(), self.world.log())

    # --- The judgement -------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Wait for the stragglers and judge. Expectations about delays come after it."""
        settling = Settling(self.crowd, self.world, self.removed)
        if self.is_naive:
            settling.wait_for_silence(self.wait)
        else:
            self.wait_until(settling.is_over, "every socket shows the log's head in the end", GRACE)
            self._expect_index()
        records, log = settling.records(), self.world.log()
        self.found.damage = check_forked(records, self.fork, log) if self.fork else check(records, log)
        self.seen = Evidence(records, self.writes())
        if tracebacks := self.tracebacks():
            sentence = f"{tracebacks} tracebacks in the servers' logs"
            if self.is_naive:
                self.note(sentence)
            else:
                self.expect(False, f"no traceback ({sentence})")

    def _expect_index(self) -> None:
        """Whatever befell the servers, who follow the logs too: the search finds what the log holds."""
        if self.environment.get("FOLLOW") == "0":
            return
        org_ids = [organization.pk for organization in self.world.organizations]
        self.wait_until(lambda: has_taken_all(index.NAME, org_ids), "the index has the whole log", GRACE)
        wrong = wrong_entries(org_ids)
        self.expect(not wrong, f"the index says what the log says ({wrong} entries do not)")

    def expect(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.found.broken.append(f"not so: {sentence}")

    def expect_caught_up(self, since: float, limit: float) -> None:
        """No event that was written since then came later than that."""
        slowest = self.seen.slowest(since)
        self.expect(slowest <= limit, f"every event comes within {limit:g} s (one took {slowest:.1f} s)")
        self.note(f"slowest event {slowest:.1f} s")

    def note(self, sentence: str) -> None:
        self.found.notes.append(sentence)


@contextmanager
def staged(
    stage: Stage, system: System, seconds: float, sockets: int, tick: Callable[[], None]
) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stage, system, seconds, sockets, stack, tick)
