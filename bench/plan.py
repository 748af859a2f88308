"""How much is measured: a full run for docs/benchmarks.md, a quick one to see that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """Events a second into an organization with so many open sockets."""

    sockets: int
    rate: float


@dataclass(frozen=True)
class Plan:
    name: str
    repetitions: int
    closed: dict[int, int]  # sockets -> events of one closed loop
    loads: tuple[Load, ...]  # of the open loop
    open_seconds: float
    burst_events: int
    burst_sockets: int
    storm_sockets: int
    recipients: tuple[int, ...]
    ages: tuple[int, ...]  # events of a task that is written to
    far_seconds: float  # of writing to a database that is a way off
    post_seconds: float
    page_seconds: float
    spread_sockets: int  # over two workers; one of `closed`
    sqlite_seconds: float
    inboxes: tuple[int, ...]  # notifications of one person

    @property
    def sizes(self) -> list[int]:
        return sorted(self.closed)

    @property
    def sections(self) -> list[str]:
        """What can be measured alone, in the order of a run. A size's section is its closed and its open loops."""
        return [
            "storm",
            *map(str, self.sizes),
            "burst",
            "stream",
            "command",
            "posting",
            "pages",
            "sqlite",
            "inbox",
        ]

    def sockets(self, section: str) -> int:
        """How many a system has in that section."""
        named = {
            "storm": self.storm_sockets,
            "burst": self.burst_sockets,
            "stream": 1000,
            "pages": self.spread_sockets,
        }
        return int(section) if section.isdigit() else named.get(section, 0)


FULL = Plan(
    name="full",
    repetitions=5,
    closed={100: 50, 1000: 30, 5000: 8},
    loads=(Load(100, 20), Load(1000, 2), Load(1000, 10), Load(5000, 2)),
    open_seconds=2.5,
    burst_events=500,
    burst_sockets=1000,
    storm_sockets=1000,
    recipients=(10, 100, 1000, 10_000),
    ages=(10, 1000, 10_000),
    far_seconds=3,
    post_seconds=3,
    page_seconds=1.5,
    spread_sockets=1000,
    sqlite_seconds=4,
    inboxes=(100, 10_000, 1_000_000),
)

QUICK = Plan(
    name="quick",
    repetitions=2,
    closed={100: 20, 1000: 8},
    loads=(Load(100, 20), Load(1000, 2)),
    open_seconds=1.5,
    burst_events=30,
    burst_sockets=1000,
    storm_sockets=300,
    recipients=(10, 1000),
    ages=(10, 1000),
    far_seconds=1.5,
    post_seconds=1,
    page_seconds=0.4,
    spread_sockets=1000,
    sqlite_seconds=1.5,
    inboxes=(100, 10_000, 100_000),
)

PLANS = {plan.name: plan for plan in (FULL, QUICK)}
