"""What counters gained lately, made of what they stood at: shares and percentiles of the last minute. Pure: the caller
brings the clock (seconds, of any clock that never goes back) and what the counters stand at."""

import math
from collections import deque
from collections.abc import Mapping

MINUTE = 60.0

Stand = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


class Lately:
    """Remembers where counters stood, for a minute."""

    def __init__(self) -> None:
        self._stands: deque[tuple[float, Stand]] = deque()

    def gained(self, stand: Stand, now: float) -> "Gained":
        """Say what was gained since about a minute ago."""
        if not self._stands:
            self._stands.append((now, {}))  # what it gained before anybody asked is of the first minute
        while len(self._stands) > 1 and self._stands[1][0] <= now - MINUTE:
            self._stands.popleft()
        before = self._stands[0][1]
        if now - self._stands[-1][0] >= 1.0:
            self._stands.append((now, stand))
        return Gained({key: value - before.get(key, 0.0) for key, value in stand.items()})


class Gained:
    def __init__(self, values: Stand) -> None:
        self._values = values

    def by_label(self, name: str, label: str) -> dict[str, float]:
        """Give what each value of the label gained, without those that gained nothing."""
        found: dict[str, float] = {}
        for (each, labels), value in self._values.items():
            if each == name and value:
                key = dict(labels)[label]
                found[key] = found.get(key, 0.0) + value
        return found

    def total(self, name: str) -> float:
        return sum(value for (each, _), value in self._values.items() if each == name)

    def percentile(self, histogram: str, share: float) -> float | None:
        """Estimate it from the buckets, as Prometheus does; None where there is nothing to tell of."""
        buckets = self.by_label(f"{histogram}_bucket", "le")
        counts = sorted((float(edge), count) for edge, count in buckets.items())
        wanted = share * counts[-1][1] if counts else 0.0
        low = below = 0.0
        for edge, count in counts:
            if count >= wanted > 0:
                return low if math.isinf(edge) else low + (edge - low) * (wanted - below) / (count - below)
            low, below = edge, count
        return None
