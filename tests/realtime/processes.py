"""What the kernel says of a server's processes (Linux)."""

from contextlib import suppress
from pathlib import Path

ESTABLISHED = "01"


def workers_of(parent: int) -> list[int]:
    """Its children that serve, the oldest first."""
    processes = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return sorted(pid for pid in processes if serves(pid) and _parent_of(pid) == parent)


def serves(pid: int) -> bool:
    """Whether it is a worker, and running: what has ended has no command line."""
    with suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _parent_of(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def connections_of(pid: int, port: int) -> int:
    """How many of the port's open connections a process holds."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == ESTABLISHED}
    held = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            held.add(path.readlink().name.removeprefix("socket:[").removesuffix("]"))
    return len(inodes & held)
