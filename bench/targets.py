"""What the project promises of its speed, and whether this run met it."""

from typing import NamedTuple

from bench.medians import Medians

OURS, COMMAND, NAIVE = "Carillon", "Carillon, whole command", "naive consumer"
FLOOR = "bare epoll loop"
BARE_INSERT, SQLITE = "bare INSERT..SELECT", "Carillon, 8 threads on SQLite"
SOCKETS, RECIPIENTS, MEMBERS = 1000, 10_000, 100


class Target(NamedTuple):
    """`value` is None when it was not measured in this run."""

    name: str
    value: float | None
    limit: float
    at_least: bool = False
    unit: str = ""

    @property
    def is_met(self) -> bool | None:
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def verdict(self) -> str:
        return {None: "not measured", True: "met", False: "**missed**"}[self.is_met]


def targets(medians: Medians) -> list[Target]:
    def cpu(above: str, below: str) -> float | None:
        return medians.ratio("closed", "server_us", above, below, SOCKETS)

    def storm(figure: str, above: str, below: str) -> float | None:
        return medians.ratio("storm", figure, above, below, SOCKETS)

    burst = medians.find("burst", OURS, SOCKETS) or {}
    sqlite = medians.find("sqlite", SQLITE, MEMBERS) or {}
    written = medians.ratio("write", "ms", COMMAND, BARE_INSERT, RECIPIENTS)
    return [
        Target("server CPU per delivery, naive / Carillon", cpu(NAIVE, OURS), 40, at_least=True),
        Target("server CPU per delivery, Carillon / floor", cpu(OURS, FLOOR), 1.7),
        Target("burst: frames lost", burst.get("lost"), 0),
        Target("burst: drain time", burst.get("seconds"), 0.5, unit=" s"),
        Target(
            "reconnect storm, server CPU, naive / Carillon", storm("server_us", NAIVE, OURS), 5, at_least=True
        ),
        Target("memory per socket, Carillon / naive", storm("socket_kib", OURS, NAIVE), 0.5),
        Target("10,000 recipients, whole command / bare INSERT..SELECT", written, 1.25),
        Target("8 threads on SQLite: 'database is locked'", sqlite.get("locked"), 0),
        Target("8 threads on SQLite: p99 of a write", sqlite.get("p99_ms"), 100, unit=" ms"),
    ]
