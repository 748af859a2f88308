"""The Task table from the log, while the product goes on: folded and compared without a lock, written under the logs'
locks, a few thousand rows at a time.

Why a task that changes meanwhile is not set back: the logs' heads are noted before the log is read, and looked at again
under their locks before rows are written. Where a log has gone on, the streams of its newer events are folded again
under its lock: a command goes on from the row as it stands, so a wrong one may still be wrong. A row that was right
when it was compared needs no lock: whatever changes it later leaves it right.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction
from tqdm import tqdm

from base.statements import run
from base.transactions import write_transaction
from events import log
from events.findings import Bars
from events.models import LogHead, TaskEvent
from events.scan import STREAMS, Part, count, of_subject, parts, scan
from tasks import projection
from tasks.state import TaskState, evolve, fold
from tasks.subject import TASK

ROWS = 5_000  # written at once: the logs concerned stand still for so long


@dataclass
class Rebuilt:
    """Rows that were not what the log says: 0 of each where all is well."""

    changed: int = 0
    added: int = 0
    removed: int = 0
    # Streams whose events are no task's story: a version is missing, or the creation. Their rows stay as they are.
    unreadable: set[str] = field(default_factory=set)


def rebuild(organization_id: int | None, bars: Bars, *, dry_run: bool = False) -> Rebuilt:
    """Rebuild the tasks of one organization, or of all. Interrupted at any moment, it leaves rows right that
    were right."""
    events, streams = count(organization_id)
    rebuilt = Rebuilt()
    with (
        bars(desc="Read", unit=" events", total=events) as read,
        bars(desc="Compared", unit=" tasks", total=streams) as compared,
    ):
        for part in parts(streams, STREAMS):
            noted = _Noted()
            states = fold_all(organization_id, part, read, rebuilt.unreadable)
            folded = len(states)
            rows = projection.compare(organization_id, part, states)
            compared.update(folded - len(states))
            _write(states, rows.different, noted, rebuilt, compared, dry_run=dry_run)
            if rows.stateless:
                with _writing(dry_run):
                    rebuilt.removed += projection.remove_without_events(organization_id, part)
    return rebuilt


def fold_all(
    organization_id: int | None,
    part: Part,
    bar: "tqdm[None]",
    unreadable: set[str],
    *,
    upto: int | None = None,
) -> dict[str, TaskState]:
    """Fold each task's events, of one organization only `upto` a position. Adds the streams that are no task's
    story to `unreadable`."""
    states: dict[str, TaskState] = {}
    for event in of_subject(TASK, scan(organization_id, part, bar, upto=upto)):
        before = states.get(event.stream_id)
        follows = event.version == (before.version + 1 if before else 1)
        try:
            states[event.stream_id] = evolve(before, event)
        except ValueError:
            follows = False
        if not follows:
            unreadable.add(event.stream_id)
    return {stream_id: state for stream_id, state in states.items() if stream_id not in unreadable}


def _write(
    states: dict[str, TaskState],
    different: set[str],
    noted: "_Noted",
    rebuilt: Rebuilt,
    bar: "tqdm[None]",
    *,
    dry_run: bool,
) -> None:
    # By organization, so that one step of writing holds up few of them.
    tasks = iter(sorted(states.items(), key=lambda task: task[1].organization_id))
    while some := list(islice(tasks, ROWS)):
        with _writing(dry_run):
            gone_on = noted.gone_on({state.organization_id for _, state in some})
            written = projection.write(list(_current(some, gone_on)), different)
        rebuilt.changed += written.changed
        rebuilt.added += written.added
        bar.update(len(some))


def _current(
    some: Iterable[tuple[str, TaskState]], gone_on: set[uuid.UUID]
) -> Iterator[tuple[str, TaskState]]:
    """Fold those again that have gone on, under the logs' locks, and leave them out where the row is right by now."""
    for task_id, read in some:
        place = read.organization_id, uuid.UUID(task_id)
        if place[1] not in gone_on:
            yield task_id, read
            continue
        run(row := projection.question(*place))
        state = fold(log.load_past(*place))
        if state is not None and projection.snapshot_in(row.rows).row != state:
            yield task_id, state


class _Noted:
    """Where the logs ended before they were read."""

    def __init__(self) -> None:
        self.positions = dict(LogHead.objects.values_list("pk", "position"))

    def gone_on(self, organization_ids: set[int]) -> set[uuid.UUID]:
        """Lock these logs. Returns the streams with events since the logs were noted."""
        heads = LogHead.objects.select_for_update().filter(pk__in=organization_ids).order_by("pk")
        streams: set[uuid.UUID] = set()
        for head in list(heads):
            noted = self.positions.get(head.pk, 0)
            if head.position != noted:
                newer = TaskEvent.objects.filter(organization_id=head.pk, position__gt=noted)
                streams.update(newer.order_by().values_list("stream_id", flat=True).distinct())
        return streams


@contextmanager
def _writing(dry_run: bool) -> Iterator[None]:
    """Open a transaction. A dry run does everything, and takes it back."""
    with write_transaction():
        yield
        if dry_run:
            transaction.set_rollback(True)
