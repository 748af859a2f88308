"""What something costs this process, and the one of PostgreSQL that serves it. Knows nothing of the product."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from django.db import connection


class Spent(NamedTuple):
    """Seconds, by the clock and of processor time."""

    clock: float
    processor: float


def spent_by(act: Callable[[], object]) -> Spent:
    clock, processor = time.perf_counter(), processor_time()
    act()
    return Spent(time.perf_counter() - clock, processor_time() - processor)


def processor_time() -> float:
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    return time.process_time() + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9


def medians_of(times: Sequence[Spent]) -> dict[str, float]:
    """Milliseconds."""
    return {
        "ms": median(spent.clock for spent in times) * 1e3,
        "cpu_ms": median(spent.processor for spent in times) * 1e3,
    }
