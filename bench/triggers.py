"""What the triggers cost a write: the same commands with them and without, on SQLite and on PostgreSQL.

    python -m bench.triggers [--blocks 30] [--writes 100]

Blocks with and without triggers take turns, and so does which of the two is first; the median write of a block is
compared with that of its neighbour. So what else the machine does falls on both alike.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django
from tqdm import tqdm

from servers import Postgres

OWN = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "for-a-bench-only-" * 2,
    "REDIS_URL": "",
    "LOG_LEVEL": "WARNING",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.triggers", description=__doc__)
    parser.add_argument("--blocks", type=int, default=30, help="of each kind")
    parser.add_argument("--writes", type=int, default=100, help="in each block")
    parser.add_argument("--here", action="store_true", help="on the empty database of DATABASE_URL")
    options = parser.parse_args()
    if options.here:
        measure(options.blocks, options.writes)
        return
    with tempfile.TemporaryDirectory(prefix="carillon-") as place:
        on("SQLite", f"sqlite:///{place}/bench.sqlite3")
        with Postgres(Path(place)) as postgres:
            on("PostgreSQL", postgres.url)


def on(name: str, url: str) -> None:
    print(f"{name}: ", end="", flush=True)
    arguments = [sys.executable, "-m", "bench.triggers", *sys.argv[1:], "--here"]
    subprocess.run(arguments, env=os.environ | OWN | {"DATABASE_URL": url}, check=True)


def measure(blocks: int, writes: int) -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from events import append_only

    call_command("migrate", verbosity=0)
    write = a_writer()
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in tqdm(range(2 * blocks), unit=" blocks", leave=False, disable=None):
        guarded = number % 4 in (0, 3)  # with, without, without, with
        (append_only.install if guarded else append_only.remove)(connection)
        write()  # PostgreSQL plans anew after the change
        times[guarded].append(statistics.median(timed(write) for _ in range(writes)))
    on, off = (statistics.median(times[guarded]) * 1000 for guarded in (True, False))
    ratios = [one / other for one, other in zip(times[True], times[False], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(
        f"{on:.2f} ms a write with triggers, {off:.2f} without; "
        f"ratio of neighbouring blocks {middle:.3f}, half of them from {low:.3f} to {high:.3f}"
    )


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def a_writer() -> Callable[[], None]:
    """Comments on one task after another: an event and its text, which are what has triggers."""
    from membership.services import create_organization
    from orgs.models import User
    from tasks import commands
    from tasks.services import execute

    alice = User.objects.create(username="alice")
    organization = create_organization(name="Acme", slug="acme", owner=alice)

    def new_task():
        (event,) = execute(commands.CreateTask(organization_id=organization.pk, title="Fix it"), actor=alice)
        return event.stream_id

    count = 0
    task_id = None

    def write() -> None:
        nonlocal count, task_id
        if count % 10 == 0:  # a long past would cost more than what is measured
            task_id = new_task()
        else:
            execute(commands.CommentOnTask(task_id=task_id, text=f"Comment {count}"), actor=alice)
        count += 1

    return write


if __name__ == "__main__":
    main()
