"""What a process costs, and where it runs. Linux only: CPU clocks of other processes, /proc, affinity."""

import contextlib
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

MEASURED_CORE, OTHER_CORE = 0, 1  # the server has a core to itself


def cpu_seconds(pid: int) -> float:
    """User and system time of the process, all its threads and all its descendants, to the microsecond. The ticks of
    /proc/<pid>/stat are 10 ms: too coarse for what one event costs."""
    return sum(_seconds(one) for one in _with_descendants(pid))


def all_seconds(pid: int) -> float:
    """The same and that of descendants that have ended: of a server whose processes come and go, such as PostgreSQL's.
    What has ended counts in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ended = int(fields[13]) + int(fields[14])  # cutime and cstime, proc(5)
    alive = 0.0
    for one in _with_descendants(pid):
        with contextlib.suppress(OSError):  # it has just ended
            alive += _seconds(one)
    return alive + ended / os.sysconf("SC_CLK_TCK")


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


@contextlib.contextmanager
def spent_below(pid: int) -> Iterator[dict[int, float]]:
    """Seconds of processor time of the process and of each of its descendants; there when it is closed."""
    spent: dict[int, float] = {}
    before = {one: _seconds(one) for one in _with_descendants(pid)}
    yield spent
    spent |= {one: _seconds(one) - before.get(one, 0) for one in _with_descendants(pid)}


def connections_below(pid: int, port: int) -> list[int]:
    """How many connections to that port each process has that has any, the most first."""
    counted = [len(_inodes_of(one) & _established(port)) for one in _with_descendants(pid)]
    return sorted((count for count in counted if count), reverse=True)


def _seconds(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | 2)


def _established(port: int) -> set[str]:
    """Inodes of the server's ends (proc(5): local address, state and inode are columns 2, 4 and 10)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"}


def _inodes_of(pid: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(descriptor.readlink()).removeprefix("socket:[").rstrip("]"))
    return found


def _with_descendants(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                found += [int(child) for child in children.read_text().split()]
    return found
