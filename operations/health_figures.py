"""The ten figures in words: what each is, when it is bad, what it means and what to do then. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Figures = Mapping[str, Any]  # of `operations.ten: Ten`, by name
Fold = Callable[[Iterable[float]], float]

# Close codes that say that something is wrong (docs/protocol.md).
UNWELL = ("1011", "4429", "4500")


class Figure(NamedTuple):
    """`value` reads it of one process, None where that knows nothing; `fold` makes one of those of all processes."""

    name: str
    value: Callable[[Figures], float | None]
    fold: Fold
    words: Callable[[float], str]
    is_bad: Callable[[float], bool]
    means: str
    then: str
    nothing: str = "nothing lately"  # where no process knows it


class Shown(NamedTuple):
    """A figure as it stands for all processes together."""

    figure: Figure
    value: float | None

    @property
    def words(self) -> str:
        return self.figure.nothing if self.value is None else self.figure.words(self.value)

    @property
    def is_bad(self) -> bool:
        return self.value is not None and self.figure.is_bad(self.value)


def of_all(figure: Figure, processes: Iterable[Figures]) -> Shown:
    values = [value for each in processes if (value := figure.value(each)) is not None]
    return Shown(figure, figure.fold(values) if values else None)


def seconds(value: float) -> str:
    """Say `3 ms`, `0.4 s`, `12 s`, `5 min`, `7 h` or `3 days`."""
    if value < 0.1:
        return f"{value * 1000:.0f} ms"
    if value < 10:
        return f"{value:.1f} s"
    for limit, length, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if value < limit:
            return f"{value / length:.0f} {unit}"
    return f"{value / 86_400:.0f} days"


def _of(name: str) -> Callable[[Figures], float | None]:
    def value(figures: Figures) -> float | None:
        found = figures.get(name)
        return None if found is None else float(found)

    return value


def _unwell(figures: Figures) -> float:
    return float(sum(count for code, count in (figures.get("closes") or {}).items() if code in UNWELL))


def _failures(figures: Figures) -> float:
    return float(figures.get("server_errors") or 0) + float(figures.get("handshakes_refused") or 0)


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _a_minute(value: float) -> str:
    return f"{value:,.0f} a minute"


DAY = 86_400.0

TEN = (
    Figure(
        "Sockets",
        _of("sockets"),
        sum,
        _count,
        lambda _: False,
        "Open pages that are told of what is new at once.",
        "A sudden fall means that a host or a proxy has gone; see the processes below.",
    ),
    Figure(
        "From commit to socket",
        _of("delivery_p99"),
        max,
        seconds,
        lambda value: value > 1.0,
        "How long all but one in a hundred events take from the commit to the sockets.",
        "Look whether the layer is away, and whether a process has too many sockets or too little processor.",
    ),
    Figure(
        "Found by the poll",
        _of("found_by_poll"),
        max,
        lambda value: f"{value:.0%}",
        lambda value: value > 0.1,
        "The share of events that no hint brought, so that they came up to POLL_SECONDS late.",
        "Hints are lost: look at the layer, and whether all hosts use the same one.",
    ),
    Figure(
        "Last good poll",
        _of("poll_age"),
        max,
        lambda value: f"{seconds(value)} ago",
        lambda value: value > 15.0,
        "When a process last asked the database for what its hints may have missed.",
        "The database does not answer that process, or its event loop stands still. Restart it if it alone is late.",
    ),
    Figure(
        "Channel layer",
        _of("layer_is_up"),
        min,
        lambda value: "up" if value else "away",
        lambda value: not value,
        "Whether hints cross from process to process at once.",
        "Nothing is lost. Start Redis again, or look at the way there.",
    ),
    Figure(
        "Sockets closed for a fault",
        _unwell,
        sum,
        _a_minute,
        lambda value: value > 0,
        "Those that were ended for an error or because there were too many.",
        "Look for errors in the log, and for one address that comes again and again.",
    ),
    Figure(
        "Waiting for a connection",
        _of("pool_waiting"),
        max,
        _count,
        lambda value: value > 0,
        "Threads of one process that wait for a connection to the database.",
        "Statements are slow, or there are too few processes for so many people.",
    ),
    Figure(
        "Wait for a log",
        _of("lock_wait_p99"),
        max,
        seconds,
        lambda value: value > 1.0,
        "How long all but one in a hundred writers waited for their organization's log.",
        "Many write to one organization at once, or a transaction holds its log: look at the database's locks.",
    ),
    Figure(
        "Errors and refusals",
        _failures,
        sum,
        _a_minute,
        lambda value: value > 0,
        "Answers of 500 and above, and connections that were turned away.",
        "Look for the first ERROR line in the log; its request id is in the answer.",
    ),
    Figure(
        "Last audit",
        _of("audit_age"),
        min,
        lambda value: f"{seconds(value)} ago",
        lambda value: value > 2 * DAY,
        "When the whole history was last checked against its digests.",
        "Run carillon audit_history every night, and carillon export_head to a place that this host cannot write to.",
        "none yet",
    ),
)
