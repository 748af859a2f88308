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


Arrival = tuple[int, float]  # number of the event, moment


def judge(sockets: Sequence[Sequence[Arrival]], sent: Mapping[int, float], size: int) -> Heard:
    """`sockets` says for each socket what came, in the order in which it came; `size` is all payloads' bytes."""
    lost = doubled = disordered = 0
    latencies: list[float] = []
    for arrivals in sockets:
        numbers = [number for number, _ in arrivals]
        distinct = set(numbers)
        lost += len(sent.keys() - distinct)
        doubled += len(numbers) - len(distinct)
        disordered += sum(after < before for before, after in itertools.pairwise(numbers))
        latencies += [moment - sent[number] for number, moment in arrivals]
    latencies.sort()
    return Heard(
        frames=len(latencies),
        lost=lost,
        doubled=doubled,
        disordered=disordered,
        p50=percentile(latencies, 0.50),
        p99=percentile(latencies, 0.99),
        last=max((moment for arrivals in sockets for _, moment in arrivals), default=0.0),
        frame_bytes=size / max(len(latencies), 1),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Of sorted values, by nearest rank; 0 when there are none."""
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0
