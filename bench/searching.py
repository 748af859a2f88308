"""Whether an index for searching follows the log or the rows: what each costs who writes, how large it is, and how fast
it finds. PostgreSQL only.

    python -m servers -- python -m bench.searching [--tasks 30000] [--events 300000] [--writes 300]

The rows' index is what one would write without followers: a GIN index on the texts of tasks and one on those of events.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import django

if __name__ == "__main__":
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "for-benches-only" * 4}
    django.setup()

from django.core.management import call_command
from django.db import connection
from tqdm import tqdm

from bench.history import fill
from events.models import LogHead
from followers.batches import lease_of, take_batch
from followers.leases import Leases
from orgs.models import Membership
from search.follower import SearchFollower
from tasks.commands import ChangeStatus, CommentOnTask, DescribeTask
from tasks.listing import task_page
from tasks.log_listing import Filters, history_page
from tasks.models import Task
from tasks.services import execute

TASK_WORDS = "to_tsvector('simple', title || ' ' || description)"
TEXT_WORDS = "to_tsvector('simple', body)"
OF_ROWS = {
    "rows_of_tasks": f"CREATE INDEX rows_of_tasks ON tasks_task USING gin ({TASK_WORDS})",
    "rows_of_texts": f"CREATE INDEX rows_of_texts ON events_eventtext USING gin ({TEXT_WORDS})",
}
BY_ROWS = f"""
SELECT count(*) FROM (
    SELECT id FROM tasks_task WHERE organization_id = %s AND {TASK_WORDS} @@ to_tsquery('simple', %s)
    UNION SELECT e.stream_id FROM events_eventtext x JOIN events_taskevent e ON e.id = x.event_id
    WHERE {TEXT_WORDS} @@ to_tsquery('simple', %s) AND e.organization_id = %s
) found
"""
REPEATS = 7


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.searching", description=__doc__)
    parser.add_argument("--tasks", type=int, default=30_000)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--writes", type=int, default=300)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    fill(asked.tasks, asked.events, track=lambda past: tqdm(past, total=asked.events, disable=None))
    _say_size("the log and its texts", "events_taskevent", "events_eventtext")
    _write("no index", asked.writes)
    began, worked = time.process_time(), _worked()
    took = _timed(_follow)
    ours, its = time.process_time() - began, _worked() - worked
    print(
        f"the follower took {asked.events:,} events in {took:.1f} s; for each it worked "
        f"{1e6 * ours / asked.events:.0f} us and the database {1e6 * its / asked.events:.0f} us"
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _say_size("the log's index", "search_entry")
    words = _words()
    membership = Membership.objects.select_related("organization", "user").earliest("pk")
    for name, text in words.items():
        tasks = _median(lambda text=text: task_page(membership, {"q": text, "status": "all"}, "1"))
        history = _median(lambda text=text: history_page(membership.organization_id, Filters(text=text)))
        count = task_page(membership, {"q": text, "status": "all"}, "1").page.paginator.count
        print(
            f"by the log, {name} ({count:,} tasks): list {1e3 * tasks:.1f} ms, history {1e3 * history:.1f} ms"
        )
    _write("an index that follows the log", asked.writes)
    with connection.cursor() as cursor:
        for statement in OF_ROWS.values():
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
        for name, text in words.items():
            query = f"{text}:*" if " " not in text else " & ".join(text.split())

            def by_rows(query: str = query) -> Any:
                cursor.execute(
                    BY_ROWS, [membership.organization_id, query, query, membership.organization_id]
                )
                return cursor.fetchall()

            print(f"by the rows, {name}: {1e3 * _median(by_rows):.1f} ms")
    _say_size("the rows' indexes", *OF_ROWS)
    _write("an index that follows the rows", asked.writes)


def _follow() -> None:
    follower, leases = SearchFollower(), Leases(600)
    for organization_id in LogHead.objects.values_list("pk", flat=True):
        leases.take(lease_of(follower, organization_id))
        while take_batch(follower, organization_id, leases):
            pass


def _write(name: str, count: int) -> None:
    """Time, what the database's process worked for it, and what it wrote into its journal: the last two are the same
    whatever else the machine does."""
    tasks = list(Task.objects.filter(archived=False).select_related("organization").order_by("pk")[:count])
    text = "Looked into it again, and found what was wrong with the second of the two pumps. " * 12
    for kind, command_for in {
        "status": lambda task, number: ChangeStatus(
            task_id=task.pk, status="open" if task.status != "open" else "in_progress"
        ),
        "comment": lambda task, number: CommentOnTask(task_id=task.pk, text=f"{text} nr{number}"),
        "description": lambda task, number: DescribeTask(
            task_id=task.pk, description=f"{name} {text} {number}"
        ),
    }.items():
        took, worked, written = [], _worked(), _written()
        for number, task in enumerate(tasks):
            role = Membership.Role.OWNER
            actor = Membership.objects.filter(organization=task.organization, role=role)[0].user
            command = command_for(task, number)
            took.append(_timed(lambda command=command, actor=actor: execute(command, actor=actor)))
        print(
            f"writing with {name}, {kind}: {1e3 * median(took):.2f} ms (95%: {1e3 * quantiles(took, n=20)[-1]:.2f}), "
            f"database {1e3 * (_worked() - worked) / count:.2f} ms, "
            f"journal {(_written() - written) / count / 1e3:.1f} kB",
            flush=True,
        )


def _worked() -> float:
    """Seconds of processor time that the process behind our connection has used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _written() -> int:
    """Bytes of the journal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


def _words() -> dict[str, str]:
    """A frequent word, a rare one, the beginning of one, two of them: by what there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM ts_stat('SELECT words FROM search_entry LIMIT 50000')"
            " WHERE word ~ '^[a-z]{4,}$' ORDER BY ndoc DESC"
        )
        found = [word for (word,) in cursor.fetchall()]
    often, seldom = found[0], "nr17"
    return {"frequent": often, "rare": seldom, "begun": often[:3], "two": f"{often} {found[len(found) // 2]}"}


def _say_size(name: str, *relations: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name)) FROM unnest(%s::text[]) name", [list(relations)]
        )
        print(f"{name}: {int(cursor.fetchone()[0]) / 1e6:.0f} MB", flush=True)


def _median(work: Callable[[], Any]) -> float:
    return median(_timed(work) for _ in range(REPEATS))


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
