"""What a crowd of sockets heard of some events: how many frames, which were lost, how late. Pure."""

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Heard(NamedTuple):
    """Seconds and bytes. `last` is when the last frame came, on the monotonic clock; 0 when none did."""

    frames: int
    lost: int
    doubled: int
    disordered: int
    p50: float
    p99: float
    last: float
    frame_bytes: float


class Arrival(NamedTuple):
    number: int  # of the event
    moment: float
    size: int  # of the frame's payload


def judge(sockets: Sequence[Sequence[Arrival]], sent: Mapping[int, float]) -> Heard:
    """`sockets` says for each socket what came, in the order in which it came. Other events are no concern here."""
    lost = doubled = disordered = size = 0
    latencies: list[float] = []
    last = 0.0
    for everything in sockets:
        arrivals = [arrival for arrival in everything if arrival.number in sent]
        numbers = [arrival.number for arrival in arrivals]
        distinct = set(numbers)
        lost += len(sent.keys() - distinct)
        doubled += len(numbers) - len(distinct)
        disordered += sum(after < before for before, after in itertools.pairwise(numbers))
        latencies += [arrival.moment - sent[arrival.number] for arrival in arrivals]
        size += sum(arrival.size for arrival in arrivals)
        last = max(last, *(arrival.moment for arrival in arrivals), 0)
    latencies.sort()
    return Heard(
        frames=len(latencies),
        lost=lost,
        doubled=doubled,
        disordered=disordered,
        p50=percentile(latencies, 0.50),
        p99=percentile(latencies, 0.99),
        last=last,
        frame_bytes=size / max(len(latencies), 1),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Of sorted values, by nearest rank; 0 when there are none."""
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0
