"""What a page, a handshake and a mark cost somebody with so many notifications, unread or read, and somebody else."""

import threading
import time
from collections.abc import Callable, Iterator
from statistics import median

from django.db import connection

from bench.inbox_plans import write_plans
from bench.inbox_readers import Reader, readers
from bench.plan import Plan
from inbox import marks
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes
from inbox.seen import last_shown
from inbox.states import Act

KINDS = ("unread", "read")
SAMPLES = 5

Step = tuple[str, Callable[[], None]]
Record = Callable[..., None]

# What is measured, in the words of the table.
ACTS: dict[str, Callable[[Reader], None]] = {
    "the inbox": lambda reader: reader.page(),
    "only unread": lambda reader: reader.page("?show=unread"),
    "one reason": lambda reader: reader.page("?reason=mentioned"),
    "one organization": lambda reader: reader.page("?org=inbox-aside"),
    "unread, for a reason that no row has": lambda reader: reader.page("?show=unread&reason=watching"),
    "handshake without a cursor": lambda reader: reader.handshake(None),
    "handshake with the newest cursor": lambda reader: reader.handshake(reader.here),
    "handshake with the oldest cursor": lambda reader: reader.handshake(reader.long_ago),
    "one mark": lambda reader: _mark_one(reader),
}


def steps(plan: Plan, record: Record) -> Iterator[Step]:
    everybody: list[Reader] = []
    yield "filling inboxes", lambda: everybody.extend(readers(plan.inboxes, KINDS))
    yield "plans", lambda: write_plans(everybody, ACTS)
    for _ in range(plan.repetitions):
        for what in ACTS:
            yield what, lambda what=what: _measure(what, everybody, record)
    yield "marking all", lambda: _mark_all(everybody, record)


def _measure(what: str, everybody: list[Reader], record: Record) -> None:
    """In turns, so that what else the machine does falls on all alike."""
    act = ACTS[what]
    times: dict[Reader, list[float]] = {reader: [] for reader in everybody}
    for _ in range(SAMPLES):
        for reader in everybody:
            times[reader].append(_timed(lambda reader=reader: act(reader)))
    for reader, seconds in times.items():
        record(f"inbox, {reader.kind}", what, reader.size, ms=median(seconds) * 1e3)


def _mark_one(reader: Reader) -> None:
    """There and back, so that the next finds what this one found."""
    mine = Notification.objects.filter(recipient=reader.user).order_by("-event_id")
    event_ids = [mine.values_list("event_id", flat=True)[0]]
    there_and_back = (Act.READ, Act.UNREAD) if reader.kind == "unread" else (Act.UNREAD, Act.READ)
    for act in there_and_back:
        assert marks.mark(reader.user.pk, act, event_ids).changed == 1


def _mark_all(everybody: list[Reader], record: Record) -> None:
    """All of what is unread, and the undo; meanwhile somebody with few opens pages and sockets."""
    other = everybody[0]
    for reader in everybody[1 : len(everybody) // len(KINDS)]:
        places = org_inboxes(reader.user.pk)
        slowest, (count, mark), seconds = _beside(
            other,
            lambda reader=reader, places=places: marks.mark_all(
                reader.user.pk, Act.READ, last_shown(reader.here, places)
            ),
        )
        assert count == reader.size, count
        record("inbox, all", "mark all read", reader.size, seconds=seconds, slowest_ms=slowest * 1e3)
        slowest, count, seconds = _beside(
            other, lambda reader=reader, mark=mark: marks.undo(reader.user.pk, mark)
        )
        assert count == reader.size, count
        record("inbox, all", "undo it", reader.size, seconds=seconds, slowest_ms=slowest * 1e3)


def _beside(other: Reader, act):
    """The slowest page or handshake of somebody else while it is done, what it gave back, and its seconds."""
    done = []

    def work() -> None:
        began = time.perf_counter()
        done.extend((act(), time.perf_counter() - began))
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    slowest = 0.0
    while thread.is_alive():
        slowest = max(slowest, _timed(other.page), _timed(lambda: other.handshake(None)))
    return slowest, *done


def _timed(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
