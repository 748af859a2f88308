"""What is counted and timed, by prometheus-client. Each package makes its own instruments here, beside the code that
they speak of; `operations` shows them.

    FRAMES = counter("frames", "Frames written to sockets.")
    FRAMES.inc(12)

Names are Prometheus': `carillon_` is put before them, units are seconds and bytes. Labels have few values, all ours:
nothing that a client sent, no organization, no person."""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

PREFIX = "carillon_"
DELAYS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


def counter(name: str, words: str, labels: Sequence[str] = ()) -> Counter:
    """Make what only grows; `_total` is put behind its name."""
    return Counter(PREFIX + name, words, labels)


def gauge(name: str, words: str, labels: Sequence[str] = ()) -> Gauge:
    """Make what rises and falls, of each process that lives."""
    return Gauge(PREFIX + name, words, labels, multiprocess_mode="liveall")


def histogram(
    name: str, words: str, labels: Sequence[str] = (), buckets: Sequence[float] = DELAYS
) -> Histogram:
    """Make what is spread over buckets; of seconds unless others are given."""
    return Histogram(PREFIX + name, words, labels, buckets=buckets)
