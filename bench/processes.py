"""What a process costs, and where it runs. Linux only: CPU clocks of other processes, /proc, affinity."""

import contextlib
import os
import resource
import time
from pathlib import Path

MEASURED_CORE, OTHER_CORE = 0, 1  # the server has a core to itself


def cpu_seconds(pid: int) -> float:
    """User and system time of the process, all its threads and all its descendants, to the microsecond. The ticks of
    /proc/<pid>/stat are 10 ms: too coarse for what one event costs."""
    return sum(time.clock_gettime((~one << 3) | 2) for one in _with_descendants(pid))


def resident_bytes(pid: int) -> int:
    """RSS of the process and its descendants."""
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in _with_descendants(pid))
    return pages * resource.getpagesize()


def pin(pid: int, core: int) -> None:
    """Give a process (0: this one) and its future children one core. With a single core nothing is moved."""
    with contextlib.suppress(OSError):
        if (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(pid, {core})


def unpin(pid: int) -> None:
    os.sched_setaffinity(pid, range(os.cpu_count() or 1))


def raise_file_limit() -> None:
    """As many open files as the system allows; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _with_descendants(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError):  # a thread that has ended meanwhile
                found += [int(child) for child in children.read_text().split()]
    return found
