"""Several threads writing on SQLite: does anybody hear 'database is locked', and how long does a writer wait?

`python -m bench.sqlite_writes SECONDS` with DATABASE_URL of a fresh SQLite file; prints one JSON object.
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
THREADS, MEMBERS = 8, 100


def steps(
    directory: Path, plan: Plan, record: Callable[..., None]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each in a process of its own, on a database of its own."""
    for turn in range(plan.repetitions):
        file = directory / f"{turn}.sqlite3"
        yield "8 threads", partial(_measure_apart, file, plan.sqlite_seconds, record)


def _measure_apart(file: Path, seconds: float, record: Callable[..., None]) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{file}", "REDIS_URL": ""}
    command = [sys.executable, "-m", "bench.sqlite_writes", str(seconds)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    record("sqlite", SYSTEM, MEMBERS, **json.loads(done.stdout))


def measure(seconds: float) -> dict[str, float]:
    from django.core.management import call_command

    from bench.world import organization, people

    call_command("migrate", verbosity=0)
    members = people(MEMBERS)
    place = organization("sqlite", members)
    times: list[float] = []
    failures: list[str] = []
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=_write, args=(place, end, times, failures)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _summary(times, failures, seconds)


def _write(place, end: float, times: list[float], failures: list[str]) -> None:
    from django.db import Error, connection

    from bench.world import comment
    from tasks.services import execute

    while time.monotonic() < end:
        start = time.perf_counter()
        try:
            execute(comment(place, "A word."), actor=place.actor)
        except Error as error:
            failures.append(str(error))
        times.append(time.perf_counter() - start)
    connection.close()


def _summary(times: list[float], failures: list[str], seconds: float) -> dict[str, float]:
    from bench.heard import percentile

    times.sort()
    return {
        "locked": sum("locked" in failure for failure in failures),
        "failed": len(failures),
        "p50_ms": percentile(times, 0.5) * 1e3,
        "p99_ms": percentile(times, 0.99) * 1e3,
        "per_second": len(times) / seconds,
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure(float(sys.argv[1]))))
