"""What the organization in each key costs, and what partitions cost: the same acts on the same rows under three
arrangements of one PostgreSQL.

    python -m servers -- python -m bench.keys [--events 200000] [--parts 16] [--rounds 7]

The arrangements take turns. Times are medians of processor time, this process's and its database's together (Linux), so
what else the machine does counts little; the ratio is that to the first.
"""

import argparse
import os
import statistics
from collections.abc import Callable
from functools import partial

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from tqdm import tqdm

from base.statements import run
from bench.history import fill
from bench.inbox_readers import Reader, readers
from bench.scribe import Scribe
from bench.spent import processor_time
from bench.world import Place, organization, people
from events.models import TaskEvent
from inbox.deliver import delivery
from inbox.news import News
from inbox.org_inboxes import org_inboxes
from servers.partitions import split
from tasks.rebuild import rebuild

SHORT, LONG, PARTS = "keys without it", "keys with it", "in parts"
WITHOUT = """
    ALTER TABLE events_eventtext DROP CONSTRAINT text_of_event, DROP CONSTRAINT events_eventtext_pkey;
    ALTER TABLE events_taskevent DROP CONSTRAINT events_taskevent_pkey, DROP CONSTRAINT event_version_once;
    ALTER TABLE events_taskevent ADD PRIMARY KEY (id), ADD CONSTRAINT event_version_once UNIQUE (stream_id, version);
    ALTER TABLE events_eventtext ADD PRIMARY KEY (event_id), ADD FOREIGN KEY (event_id) REFERENCES events_taskevent (id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE inbox_notification DROP CONSTRAINT inbox_notification_pkey, ADD PRIMARY KEY (recipient_id, event_id);
    ALTER TABLE tasks_task DROP CONSTRAINT tasks_task_pkey, ADD PRIMARY KEY (id);
"""
KEYS = {
    "an event's two keys": ("events_taskevent", ("events_taskevent_pkey", "event_version_once")),
    "a text's key": ("events_eventtext", ("events_eventtext_pkey",)),
    "a notification's key": ("inbox_notification", ("inbox_notification_pkey",)),
    "a task's key": ("tasks_task", ("tasks_task_pkey",)),
}
SAMPLES = 5


def arrange(parts: int) -> dict[str, str]:
    """Copies of the database that is filled, by the name of the arrangement."""
    names = {LONG: connection.settings_dict["NAME"], SHORT: "bench_short", PARTS: "bench_parts"}
    use("template1")
    for name in (SHORT, PARTS):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {names[name]} TEMPLATE {names[LONG]}")
    use(names[SHORT])
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT)
    use(names[PARTS])
    split(parts)
    for name in names.values():
        use(name)
        with connection.cursor() as cursor:
            cursor.execute("REINDEX DATABASE")
            cursor.execute("VACUUM ANALYZE")
    return names


def use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def acts(small: Place, large: Place, reader: Reader, scribe: Scribe) -> dict[str, Callable[[], object]]:
    return {
        "a comment, for 10 people": lambda: scribe.write(small, [0]),
        "a comment, for 10,000": lambda: scribe.write(large, [0]),
        "of it, 10,000 rows delivered": lambda: _deliver(large),
        "the inbox's page": reader.page,
        "unread counts": lambda: org_inboxes(reader.user.pk),
        "a replay of the newest": lambda: reader.handshake(None),
        "a replay from far behind": lambda: reader.handshake(reader.long_ago),
        "all tasks compared with the log": lambda: rebuild(None, partial(tqdm, disable=True), dry_run=True),
    }


def _deliver(place: Place) -> None:
    event = TaskEvent.objects.filter(organization_id=place.org_id).latest("position")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('events_taskevent', 'id'))")
        event.pk = cursor.fetchone()[0]
        start = processor_time()
        run(delivery(event, News(to_all=True)))
        _times.append(processor_time() - start)
        transaction.set_rollback(True)


_times: list[float] = []


def timed(act: Callable[[], object], samples: int) -> list[float]:
    act()  # plans and catalogs are read anew after another database
    taken = []
    for _ in range(samples):
        _times.clear()
        start = processor_time()
        act()
        taken.append(_times[0] if _times else processor_time() - start)
    return taken


def sizes() -> dict[str, float]:
    """Bytes a row in the indexes that hold each key."""
    found = {}
    with connection.cursor() as cursor:
        for what, (table, indexes) in KEYS.items():
            cursor.execute(
                f"SELECT sum(pg_relation_size(oid))::float / (SELECT count(*) FROM {table}) FROM pg_class "
                "WHERE oid = ANY(%s::regclass[]) "
                "OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY(%s::regclass[]))",
                [list(indexes)] * 2,
            )
            found[what] = cursor.fetchone()[0]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.keys", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--parts", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    fill(options.events // 10, options.events, organizations=16, notifications=True)
    small, large = (organization(f"for-{n}", people(n, prefix=f"of{n}-")) for n in (10, 10_000))
    _, reader = readers((100, 20_000), ("unread",))
    everything = acts(small, large, reader, Scribe())
    names = arrange(options.parts)
    times = {(what, name): [] for what in everything for name in (SHORT, LONG, PARTS)}
    weights = {}
    for number in tqdm(range(options.rounds), unit=" rounds", disable=None):
        for step in range(3):
            name = (SHORT, LONG, PARTS)[(number + step) % 3]
            use(names[name])
            weights.setdefault(name, sizes())
            with connection.cursor() as cursor:
                cursor.execute("SET max_parallel_workers_per_gather = 0")
            for what, act in everything.items():
                times[what, name] += timed(act, 1 if "compared" in what else SAMPLES)
    print(f"{'':34}{SHORT:>18}{LONG:>18}{PARTS:>18}")
    for what in everything:
        short, *others = (statistics.median(times[what, name]) * 1e3 for name in (SHORT, LONG, PARTS))
        print(f"{what:34}{short:15.2f} ms", *(f"{ms:9.2f} ({ms / short:.2f})" for ms in others))
    for what in KEYS:
        print(f"{what:34}" + "".join(f"{weights[name][what]:16.1f} B" for name in (SHORT, LONG, PARTS)))


if __name__ == "__main__":
    main()
