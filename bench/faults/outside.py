"""What can be seen of a server from outside: descriptors, sockets, subscriptions. Linux only."""

from contextlib import suppress
from pathlib import Path

from redis import Redis

ESTABLISHED = "01"


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def unlinked_bytes(pid: int) -> int:
    """What a process keeps on disk in files that have no name, as temporary ones do."""
    size = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if link.readlink().name.endswith(" (deleted)"):
                size += link.stat().st_size
    return size


def peers(port: int) -> dict[int, int]:
    """The client ports whose connections the server on this port still holds, and the bytes that the kernel has for
    each because it does not read them. A connection that its process has given up stays in the kernel for a while,
    without an inode."""
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, queues, *rest = line.split()
        if int(local.split(":")[1], 16) == port and state == ESTABLISHED and rest[4] != "0":
            found[int(remote.split(":")[1], 16)] = int(queues.split(":")[0], 16)
    return found


def subscriptions(url: str) -> int:
    """Places in groups, on either Redis layer."""
    with Redis.from_url(url) as redis:
        channels = redis.pubsub_channels()
        places = sum(count for _, count in redis.pubsub_numsub(*channels)) if channels else 0
        return int(places + sum(redis.zcard(group) for group in redis.scan_iter("asgi:group:*")))
