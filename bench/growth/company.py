"""What a large company takes, by the model. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from bench.growth.constants import Constants
from bench.growth.model import (
    Load,
    connections,
    events_of_all,
    events_of_one,
    hosts_of,
    predict,
    restart,
    sockets_of_core,
)

# 1,000 organizations of 100 people, who have ten sockets each and change 20 things in a day of eight hours, a third of
# them in its busiest hour. Everybody hears of everything, as new members do.
DAY, HOURS, BUSIEST, WORKDAYS = 20 * 100_000, 8, 1 / 3, 22
BUSY = Load(
    organizations=1000,
    sockets=1_000_000,
    events=DAY * BUSIEST / 3600,
    recipients=100,
    listeners=1000,
    connects=100,
    replayed=10,
    workers=32,
    followers=8,
)
FEWER = 5  # recipients where people chose to hear of what concerns them
SHARE = 0.6  # of a core that may be used in the busiest hour
AWAY = 0.0005  # seconds to PostgreSQL and back, in one data centre
PG_CORES = 16
GB = 1e9


def rows(one: Constants) -> Iterator[tuple[str, str]]:
    """Names and figures, for the busiest hour where nothing else is said."""
    needed = predict(one, BUSY)
    quiet = predict(one, replace(BUSY, recipients=FEWER))
    yield "comments a second", f"{BUSY.events:.0f}"
    yield "frames a second", f"{BUSY.events * BUSY.listeners:,.0f}"
    yield "cores of workers", f"{needed.workers:.1f}"
    yield "cores of followers", f"{needed.followers:.1f}"
    yield "cores of PostgreSQL", f"{needed.postgres:.1f}"
    yield "cores of Redis", f"{needed.redis:.2f}"
    yield f"hosts of four cores, each used to {SHARE:.0%}", f"{hosts_of(needed, 4, SHARE)}"
    yield "memory of workers", f"{needed.memory / GB:.0f} GB"
    yield "bandwidth of frames", f"{needed.wire * 8 / GB:.2f} Gbit/s"
    yield "connections without a pooler", f"{connections(BUSY.workers, BUSY.followers, notify=False)}"
    month = WORKDAYS * DAY / BUSY.events
    yield "disk, a month", f"{needed.disk * month / GB:,.0f} GB"
    yield f"disk, a month, {FEWER} recipients an event", f"{quiet.disk * month / GB:,.0f} GB"
    yield "WAL, a second", f"{needed.wal / 1e6:.1f} MB"
    back = restart(one, BUSY.sockets, BUSY.replayed, BUSY.workers, PG_CORES)
    yield f"all sockets back after all workers went, PostgreSQL with {PG_CORES} cores", f"{back:.0f} s"
    yield "comments a second of one organization", f"{events_of_one(one, AWAY, BUSY.recipients):.0f}"
    yield (
        f"comments a second of all, PostgreSQL with {PG_CORES} cores",
        (f"{events_of_all(one, BUSY.recipients, PG_CORES * SHARE):,.0f}"),
    )
    yield "idle sockets of a core", f"{sockets_of_core(one, 0, SHARE):,.0f}"
    yield "sockets of a core, each with a frame in five seconds", f"{sockets_of_core(one, 0.2, SHARE):,.0f}"
