"""Threads that write comments to one organization without a pause: how many a second, how long each waits, and does
anybody hear 'database is locked'?

`python -m bench.writers SECONDS THREADS MEMBERS` on DATABASE_URL, a migrated PostgreSQL or a fresh SQLite file; prints
one JSON object.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import django

from bench.plan import Plan

SYSTEM = "Carillon, 8 threads on SQLite"
THREADS, MEMBERS = 8, (10, 100)


def steps(
    directory: Path, plan: Plan, record: Callable[..., None]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each on a database of its own."""
    for turn in range(plan.repetitions):
        for members in MEMBERS:
            file = directory / f"{turn}-{members}.sqlite3"
            yield (
                f"8 threads, {members} members",
                partial(_sqlite, file, plan.sqlite_seconds, members, record),
            )


def _sqlite(file: Path, seconds: float, members: int, record: Callable[..., None]) -> None:
    found = apart(f"sqlite:///{file}", seconds, THREADS, members, REDIS_URL="")
    record("sqlite", SYSTEM, members, **found)


def apart(
    database_url: str, seconds: float, threads: int, members: int, **environment: str
) -> dict[str, float]:
    """In a process of its own. No seconds: one comment of each thread."""
    own = os.environ | environment | {"DATABASE_URL": database_url}
    command = [sys.executable, "-m", "bench.writers", *map(str, (seconds, threads, members))]
    done = subprocess.run(command, env=own, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def measure(seconds: float, threads: int, members: int) -> dict[str, float]:
    from django.core.management import call_command
    from django.db import connection

    from bench.world import organization, people

    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
    name = f"writers-{os.getpid()}"
    place = organization(name, people(members, prefix=name))
    times: list[float] = []
    failures: list[str] = []
    end = time.monotonic() + seconds
    writers = [threading.Thread(target=_write, args=(place, end, times, failures)) for _ in range(threads)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return _summary(times, failures, seconds)


def _write(place, end: float, times: list[float], failures: list[str]) -> None:
    from django.db import Error, connection

    from bench.world import comment
    from tasks.services import execute

    while True:
        start = time.perf_counter()
        try:
            execute(comment(place, "A word."), actor=place.actor)
        except Error as error:
            failures.append(str(error))
        times.append(time.perf_counter() - start)
        if time.monotonic() >= end:
            break
    connection.close()


def _summary(times: list[float], failures: list[str], seconds: float) -> dict[str, float]:
    from bench.heard import percentile

    times.sort()
    return {
        "locked": sum("locked" in failure for failure in failures),
        "failed": len(failures),
        "p50_ms": percentile(times, 0.5) * 1e3,
        "p99_ms": percentile(times, 0.99) * 1e3,
        "per_second": len(times) / seconds if seconds else 0.0,
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
