"""How long after its write an event was displayed. Pure."""

from collections.abc import Iterable

from bench.faults.book import Written
from bench.faults.history import Record, Shown


def delays(records: Iterable[Record], writes: Iterable[Written]) -> list[float]:
    """Seconds from the beginning of each of these writes to each display of its events, sorted. The write itself
    counts as delay: it is what a person waits for."""
    began = {
        (written.org_id, position): written.began for written in writes for position in written.positions
    }
    return sorted(
        step.at - began[step.org_id, step.position]
        for record in records
        for step in record.history
        if isinstance(step, Shown) and (step.org_id, step.position) in began
    )


def between(writes: Iterable[Written], start: float, end: float) -> list[Written]:
    return [written for written in writes if start <= written.began < end]
