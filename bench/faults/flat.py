"""Whether a figure stayed flat. Pure.

The rule: the median of the last third of all samples is at most 5% above that of the second third, or a slack that the
figure's own noise needs. The first third is the time that a process takes to fill its buffers.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

GROWTH = 1.05


@dataclass(frozen=True)
class Figure:
    """`slack` is in the figure's own unit."""

    name: str
    slack: float
    samples: Sequence[float]

    @property
    def thirds(self) -> tuple[float, float, float]:
        length = len(self.samples) // 3
        if not length:
            raise ValueError(f"too few samples of {self.name}: {len(self.samples)}")
        first, second, last = (
            self.samples[:length],
            self.samples[length : 2 * length],
            self.samples[2 * length :],
        )
        return statistics.median(first), statistics.median(second), statistics.median(last)

    @property
    def is_flat(self) -> bool:
        _, second, last = self.thirds
        return last <= max(second * GROWTH, second + self.slack)
