"""What the project promises of its speed, and whether this run met it."""

from typing import NamedTuple

from bench.medians import Medians

OURS, COMMAND, NAIVE = "Carillon", "Carillon, whole command", "naive consumer"
STREAMS = "Carillon, streams"
FLOOR, WS, SOCKETIO = "bare epoll loop", "Node ws", "Socket.IO"
BARE_INSERT, CREATES, SQLITE = "bare INSERT..SELECT", "loop of creates", "Carillon, 8 threads on SQLite"
INBOX, TASKS, TASK = "inbox, 50 rows", "task list, 50 rows", "task, 12 events"
BARE_VIEW, SPREAD = "bare view", "sockets, 1,000 frames"
SOCKETS = 1000


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
    return [*_of_delivery(medians), *_of_commands(medians), *_of_pages(medians)]


def _of_delivery(medians: Medians) -> list[Target]:
    def ratio(part: str, figure: str, above: str, below: str) -> float | None:
        return medians.ratio(part, figure, above, below, SOCKETS)

    burst = medians.find("burst", OURS, SOCKETS) or {}
    cpu, storm = "server CPU per delivery, Carillon", "reconnect storm, server CPU, naive / Carillon"
    return [
        Target(f"{cpu} / floor", ratio("closed", "server_us", OURS, FLOOR), 1.45),
        Target(f"{cpu} / Node ws", ratio("closed", "server_us", OURS, WS), 0.9),
        Target(f"{cpu} / Socket.IO", ratio("closed", "server_us", OURS, SOCKETIO), 0.6),
        Target(f"{cpu}, stream / socket", ratio("stream", "server_us", STREAMS, OURS), 1.5),
        Target("burst: frames lost", burst.get("lost"), 0),
        Target("burst: drain time, Carillon / floor", ratio("burst", "seconds", OURS, FLOOR), 1.3),
        Target(storm, ratio("storm", "server_us", NAIVE, OURS), 5, at_least=True),
        Target("memory per socket, Carillon / naive", ratio("storm", "socket_kib", OURS, NAIVE), 0.5),
    ]


def _of_commands(medians: Medians) -> list[Target]:
    def written(below: str, recipients: int) -> float | None:
        return medians.ratio("write", "ms", COMMAND, below, recipients)

    young, old = (medians.find("age", COMMAND, age) for age in (10, 10_000))
    aged = old["cpu_ms"] / young["cpu_ms"] if young and old else None
    waits = medians.find("waits", COMMAND, 10) or {}
    few, many = (medians.find("sqlite", SQLITE, members) or {} for members in (10, 100))
    locked = [row["locked"] for row in (few, many) if row]
    return [
        Target("whole command / bare INSERT..SELECT, 10 recipients", written(BARE_INSERT, 10), 3),
        Target("whole command / loop of creates, 10 recipients", written(CREATES, 10), 0.8),
        Target("whole command / bare INSERT..SELECT, 10,000 recipients", written(BARE_INSERT, 10_000), 1.15),
        Target("processor time of a command, task of 10,000 events / of 10", aged, 1.2),
        Target("waits for PostgreSQL between BEGIN and COMMIT", waits.get("waits"), 4),
        Target("8 threads on SQLite: 'database is locked'", max(locked, default=None), 0),
        Target("8 threads on SQLite, 10 members: events/s", few.get("per_second"), 250, at_least=True),
        Target("8 threads on SQLite, 100 members: p99 of a write", many.get("p99_ms"), 100, unit=" ms"),
    ]


def _of_pages(medians: Medians) -> list[Target]:
    def spent(page: str) -> float | None:
        """In this process, by the test client."""
        return (medians.find("pages, client", page, 1) or {}).get("cpu_ms")

    def two_of_one(what: str) -> float | None:
        one, two = (medians.find("pages", what, workers) for workers in (1, 2))
        return one["busiest_ms"] / two["busiest_ms"] if one and two else None

    bare = medians.ratio("pages", "cpu_ms", INBOX, BARE_VIEW, 1)
    return [
        Target(
            "`/healthz`, kept alive / fresh connections",
            medians.ratio("health", "ms", "kept alive", "fresh connections", 1),
            2,
        ),
        Target("two workers / one, inbox", two_of_one(INBOX), 1.8, at_least=True),
        Target("two workers / one, sockets", two_of_one(SPREAD), 1.8, at_least=True),
        Target("processor time, inbox of 50 rows", spent(INBOX), 12, unit=" ms"),
        Target("server CPU, inbox of 50 rows / bare view", bare, 7),
        Target("processor time, task list of 50 rows", spent(TASKS), 10, unit=" ms"),
        Target("processor time, task of 12 events", spent(TASK), 10, unit=" ms"),
    ]
