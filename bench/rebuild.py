"""How fast the tasks come back from the log, beside the slow way: a query, a fold and a save for each task.

    make bench-rebuild    (python -m bench.rebuild --tasks 100000 --events 1000000 --runs 3)

On a throw-away PostgreSQL. Both ways take turns; the slow one on a sample. Then the tables are compared, byte by byte.
"""

import argparse
import hashlib
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.core.management import call_command
from django.db import connection
from tqdm import tqdm

from base.statements import run
from base.transactions import write_transaction
from bench.history import fill
from events import log
from events.models import TaskEvent
from tasks import projection
from tasks.models import Task
from tasks.rebuild import rebuild
from tasks.state import fold

SAMPLE = 1_000  # tasks that the slow way rebuilds


class Rate:
    """Events a second, by the clock and by this process's own processor time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.clock: list[float] = []
        self.processor: list[float] = []

    def measure(self, work: Callable[[], int]) -> None:
        """`work` gives the number of events."""
        clock, processor = time.perf_counter(), time.process_time()
        events = work()
        self.clock.append(events / (time.perf_counter() - clock))
        self.processor.append(events / (time.process_time() - processor))

    @property
    def median(self) -> float:
        return statistics.median(self.clock)

    def __str__(self) -> str:
        processor = statistics.median(self.processor)
        return f"{self.name:<34}{self.median:>10,.0f} events/s{processor:>12,.0f} events/s of Python's processor time"


def fast() -> int:
    rebuild(None, partial(tqdm, disable=True))
    return TaskEvent.objects.count()


def slow(streams: list[tuple[int, uuid.UUID]]) -> int:
    """As a command does it, which knows one task only."""
    events = 0
    for organization_id, stream_id in streams:
        with write_transaction():
            past = log.load_stream(organization_id, stream_id)
            state = fold(past)
            assert state
            run(*projection.applied(stream_id, projection.Snapshot(0, None), state))
        events += len(past)
    return events


def table() -> str:
    """A digest of every byte of every row."""
    columns = ", ".join(f"CAST({name} AS text)" for name in projection.COLUMNS)
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM tasks_task ORDER BY id")
        while rows := cursor.fetchmany(5_000):
            found.update(repr(rows).encode())
    return found.hexdigest()


def empty(streams: list[tuple[int, uuid.UUID]] | None = None) -> None:
    tasks = Task.objects.all()
    if streams is not None:
        tasks = tasks.filter(pk__in=[stream_id for _, stream_id in streams])
    tasks.delete()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE tasks_task")


def compare(runs: int) -> bool:
    """Print the rates. False when a table differs."""
    written = table()  # by the generator: states of `evolve`, event by event
    sample = list(Task.objects.order_by("pk").values_list("organization_id", "pk")[:SAMPLE])
    healthy, anew, one_by_one = (
        Rate("fast, all rows right already"),
        Rate("fast, all rows written"),
        Rate(f"slow, {len(sample):,} rows written"),
    )
    same = True
    for _ in range(runs):
        healthy.measure(fast)
        empty()
        anew.measure(fast)
        same &= table() == written
        empty(sample)
        one_by_one.measure(lambda: slow(sample))
        same &= table() == written
    print(healthy, anew, one_by_one, sep="\n")
    print(f"Medians of {runs}. Ratio: {anew.median / one_by_one.median:.0f}.")
    print("The tables are equal, byte by byte." if same else "THE TABLES DIFFER.")
    return same


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.rebuild", description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    progress = partial(tqdm, total=options.events, desc="History", unit=" events", disable=None, leave=False)
    fill(options.tasks, options.events, track=progress)
    print(f"{options.events:,} events of {options.tasks:,} tasks, {connection.vendor}")
    return 0 if compare(options.runs) else 1


if __name__ == "__main__":
    sys.exit(main())
