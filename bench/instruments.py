"""What the instruments cost a delivered frame: `python -m bench.instruments`.

One log, sockets over real transports, and hints as Redis brings them: from the message's bytes to the last write, with
the instruments and without, event by event in turns. CPU time of the process, kernel included; the clients read outside
of it. Medians over the events, so that what else the machine does counts little.
"""

import asyncio
import inspect
import os
import re
import socket
import statistics
import sys
import textwrap
import time
from collections.abc import Callable
from typing import Any, cast

import django
import msgpack

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "of the bench alone, which signs nothing 0123456789")
django.setup()

from base.messages import AppendedEvent, LogAppended  # noqa: E402
from inbox.org_inboxes import OrgInbox  # noqa: E402
from realtime import followed_log, hub  # noqa: E402
from realtime.batch import Batch  # noqa: E402
from realtime.reader import Reader  # noqa: E402

SOCKETS = (1000, 100, 10, 1)
FRAMES = 100_000  # of all sockets together, with and without each
FRAME = b'{"type":"event","details":{"from":"open","to":"in_progress"},"sentence":"' + b"x" * 500 + b'"}'


class TransportWire:
    """As the product's: over the transport itself."""

    is_stream = False
    stuck_since = None
    reader = None

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._write = transport.write

    def write(self, batch: Batch) -> None:
        self._write(batch.data)


class Client(asyncio.Protocol):
    """Reads nothing by itself."""


async def crowd(size: int, log: followed_log.FollowedLog, place: OrgInbox) -> list[socket.socket]:
    """Have so many sockets follow the log; returns their other ends."""
    loop, ends = asyncio.get_running_loop(), []
    port = socket.create_server(("127.0.0.1", 0))
    for number in range(size):
        theirs = socket.create_connection(port.getsockname())
        ours, _ = port.accept()
        for end in (ours, theirs):
            end.setblocking(False)
        transport, _ = await loop.create_connection(Client, sock=ours)
        reader = Reader(1000 + number, "…", 1, TransportWire(transport))
        log.add(reader, place)
        reader.start()
        ends.append(theirs)
    return ends


def hint(position: int) -> bytes:
    event = AppendedEvent(position, position, 1, f"{position:064x}", FRAME, [(7, "assigned")])
    told = LogAppended(1, 1, f"{position - 1:064x}", [event], time.time()).told()
    return cast(bytes, msgpack.packb(told))


def without_instruments(of: type, *names: str) -> Any:
    """Make a class of the same methods, but for their lines that count."""
    return type(of.__name__, (of,), {name: uncounted(of, name) for name in names})


def uncounted(of: type, name: str) -> Callable[..., Any]:
    function = getattr(of, name)
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    if name == "_count":
        lines = [lines[0], "    self._moments.clear()"]
    kept = [line for line in lines if not re.match(r"\s*(EVENTS|HINTS)\.counts", line)]
    found: dict[str, Any] = {}
    exec("\n".join(kept), function.__globals__, found)
    return cast("Callable[..., Any]", found[name])


class Side:
    """A hub, a log and its crowd, with the instruments or without."""

    def __init__(self, hub_class: Any, log_class: Any) -> None:
        self.place = OrgInbox(1, "acme", "Acme", "member", "all", 1, 0, f"{0:064x}")
        self.hub, self.log = hub_class(), log_class(self.place)
        self.hub.logs[1] = self.log
        self.spent: list[int] = []

    async def fill(self, size: int) -> None:
        self.ends = await crowd(size, self.log, self.place)

    def deliver(self, position: int) -> None:
        message = hint(position)
        began = time.process_time_ns()
        self.hub._hear(msgpack.unpackb(message))
        self.hub._flush()
        self.spent.append(time.process_time_ns() - began)
        for end in self.ends:
            end.recv(65536)

    @property
    def microseconds(self) -> float:
        return statistics.median(self.spent) / 1000 / len(self.ends)


async def measured(size: int) -> tuple[float, float]:
    """Give microseconds for each frame, with and without, at so many sockets."""
    on = Side(hub.Hub, followed_log.FollowedLog)
    off = Side(
        without_instruments(hub.Hub, "_appended"),
        without_instruments(followed_log.FollowedLog, "hint", "_count"),
    )
    for side in (on, off):
        await side.fill(size)
    for position in range(1, max(200, min(10_000, FRAMES // size))):
        for side in (on, off) if position % 2 else (off, on):  # neither always comes first
            side.deliver(position)
    for side in (on, off):
        for end in side.ends:
            end.close()
    return on.microseconds, off.microseconds


def main() -> None:
    print("sockets  with µs  without µs  more")
    for size in [int(word) for word in sys.argv[1:]] or SOCKETS:
        on, off = asyncio.run(measured(size))
        print(f"{size:7} {on:8.2f} {off:11.2f} {on / off - 1:6.1%}")


if __name__ == "__main__":
    main()
