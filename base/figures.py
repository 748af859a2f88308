"""What is counted and timed, by prometheus-client. Each package makes its own instruments here, beside the code that
they speak of; `base/exposition.py` shows them.

    FRAMES = counter("frames", "Frames written to sockets.")
    FRAMES.inc(12)

Names are Prometheus': `carillon_` is put before them, units are seconds and bytes. Labels have few values, all ours:
nothing that a client sent, no organization, no person."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

Instrument = TypeVar("Instrument", bound=MetricWrapperBase)

PREFIX = "carillon_"
DELAYS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds

SHARED: set[str] = set()  # gauges of what is the same for all processes: the newest word counts
_instruments: list[MetricWrapperBase] = []
_samplings: list[Callable[[], None]] = []
_questions: list[Callable[[], None]] = []

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
    for measure in _samplings:
        measure()


def ask() -> None:
    """Raises the database's errors."""
    for measure in _questions:
        measure()


# --- What they stand at ------------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """One sample of this process: `name` is whole, with `_bucket`, `_sum`, `_count` or `_total` behind it."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


def readings() -> Iterator[Reading]:
    """Read all our instruments, as this process has them."""
    for instrument in _instruments:
        for family in instrument.collect():
            for sample in family.samples:
                yield Reading(sample.name, tuple(sorted(sample.labels.items())), sample.value)
