"""What is counted and timed, by prometheus-client. Each package makes its own instruments here, beside the code that
they speak of; `base/exposition.py` shows them.

    FRAMES = counter("frames", "Frames written to sockets.")
    FRAMES.inc(12)

Names are Prometheus': `carillon_` is put before them, units are seconds and bytes. Labels have few values, all ours:
nothing that a client sent, no organization, no person."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeVar

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

Instrument = TypeVar("Instrument", bound=Collector)

PREFIX = "carillon_"
DELAYS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds

SHARED: set[str] = set()  # gauges of what is the same for all processes: the newest word counts
_instruments: list[Collector] = []
_samplings: list[Callable[[], None]] = []
_questions: list[Callable[[], None]] = []
_asked_at = 0.0

disable_created_metrics()  # type: ignore[no-untyped-call]


def counter(name: str, words: str, labels: Sequence[str] = ()) -> Counter:
    """Make what only grows; `_total` is put behind its name."""
    return _kept(Counter(PREFIX + name, words, labels))


def gauge(name: str, words: str, labels: Sequence[str] = (), *, shared: bool = False) -> Gauge:
    """Make what rises and falls: of each process that lives, or (`shared`) of what all of them have in common."""
    if shared:
        SHARED.add(PREFIX + name)
    return _kept(Gauge(PREFIX + name, words, labels))


def histogram(
    name: str, words: str, labels: Sequence[str] = (), buckets: Sequence[float] = DELAYS
) -> Histogram:
    """Make what is spread over buckets; of seconds unless others are given."""
    return _kept(Histogram(PREFIX + name, words, labels, buckets=buckets))


def _kept(instrument: Instrument) -> Instrument:
    _instruments.append(instrument)
    return instrument


# --- Where each frame passes --------------------------------------------------------------------------------------


class Tally(Collector):
    """A counter for the event loop alone: an addition, where prometheus-client takes a lock.

    EVENTS.counts["hint"] += 1
    """

    def __init__(self, name: str, words: str, label: str = "", values: Sequence[str] = ("",)) -> None:
        self._name, self._words, self._labels = PREFIX + name, words, [label] if label else []
        self.counts = dict.fromkeys(values, 0)
        REGISTRY.register(_kept(self))

    def collect(self) -> list[Metric]:
        family = CounterMetricFamily(self._name, self._words, labels=self._labels)
        for value, count in self.counts.items():
            family.add_metric([value] if self._labels else [], count)
        return [family]


class Spread(Collector):
    """A histogram for the event loop alone, in seconds."""

    def __init__(self, name: str, words: str) -> None:
        self._name, self._words = PREFIX + name, words
        self._counts, self._sum = [0] * (len(DELAYS) + 1), 0.0
        REGISTRY.register(_kept(self))

    def observe(self, seconds: float) -> None:
        """Count it; less than 0, where clocks are apart, as 0."""
        self._counts[bisect_left(DELAYS, seconds)] += 1
        if seconds > 0:
            self._sum += seconds

    def collect(self) -> list[Metric]:
        family = HistogramMetricFamily(self._name, self._words)
        edges = [*map(str, DELAYS), "+Inf"]
        family.add_metric([], list(zip(edges, accumulate(self._counts), strict=True)), self._sum)
        return [family]


# --- What is looked up -------------------------------------------------------------------------------------------


def sampled(measure: Callable[[], None]) -> Callable[[], None]:
    """Have gauges set by this function whenever figures are shown: from any thread, and asking no database."""
    _samplings.append(measure)
    return measure


def asked(measure: Callable[[], None]) -> Callable[[], None]:
    """Have gauges set by this function once a minute where followers run: it may ask the database."""
    _questions.append(measure)
    return measure


def sample() -> None:
    """Set them."""
    for measure in _samplings:
        measure()


def ask() -> None:
    """Ask the database. Raises its errors."""
    global _asked_at
    for measure in _questions:
        measure()
    _asked_at = time.time()


def asked_at() -> float:
    """Say when that was last done here, in seconds since 1970; 0 for never."""
    return _asked_at


# --- What they stand at ------------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """One sample of this process: `name` is whole, with `_bucket`, `_sum`, `_count` or `_total` behind it."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


def instruments() -> list[Collector]:
    """List all of ours that this process has made."""
    return list(_instruments)


def readings() -> Iterator[Reading]:
    """Read all our instruments, as this process has them."""
    for instrument in _instruments:
        for family in instrument.collect():
            for sample in family.samples:
                yield Reading(sample.name, tuple(sorted(sample.labels.items())), sample.value)
