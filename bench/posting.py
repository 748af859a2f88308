"""A comment from the first byte of its form to the last of the answer: one person alone, and eight who write to the
same organization."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

from bench.delivery import Record, Step
from bench.heard import percentile
from bench.plan import Plan
from bench.processes import spent_below
from bench.targets import BARE_VIEW
from bench.town import PAGES, PEOPLE, Town
from bench.visits import Ask, Visitors

WORKERS = 2
COMMENT = "POST of a comment"


def steps(town: Callable[[], Town], plan: Plan, record: Record) -> Iterator[Step]:
    for _ in range(plan.repetitions):
        yield "comments", partial(_measure, town, plan.post_seconds, record)


def _measure(town: Callable[[], Town], seconds: float, record: Record) -> None:
    with town().served(WORKERS) as server:
        for persons in (1, PEOPLE):
            reading = town().reading(server.port, PAGES[BARE_VIEW])[:persons]
            writing = town().commenting(server.port, persons)
            for what, asks in ((BARE_VIEW, reading), (COMMENT, writing)):
                with closing(Visitors(server.port, persons)) as visitors:
                    _record(what, server.pid, visitors, asks, seconds, record)


def _record(what: str, pid: int, visitors: Visitors, asks: list[Ask], seconds: float, record: Record) -> None:
    visitors.visit(asks, least=2)
    with spent_below(pid) as spent:
        visited = visitors.visit(asks, seconds=seconds)
    record(
        "posting",
        what,
        len(asks),
        per_second=visited.per_second,
        ms=visited.median * 1e3,
        p99_ms=percentile(visited.times, 0.99) * 1e3,
        cpu_ms=sum(spent.values()) / len(visited.times) * 1e3,
    )
