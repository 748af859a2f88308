"""What a run left behind: what was found out, and the records and writes that can be asked for more."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.faults.book import ROLLED_BACK, Written
from bench.faults.checker import Damage
from bench.faults.history import Closed, Connected, Record, Shown, Step


@dataclass
class Findings:
    damage: Damage = field(default_factory=Damage)
    broken: list[str] = field(default_factory=list)  # expectations that did not hold
    notes: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.damage and not self.broken


@dataclass(frozen=True)
class Evidence:
    records: list[Record]
    writes: list[Written]

    @property
    def _steps(self) -> Iterator[Step]:
        return (step for record in self.records for step in record.history)

    @property
    def failed(self) -> list[Written]:
        return [written for written in self.writes if written.error not in ("", ROLLED_BACK)]

    def written(self, since: float, until: float = math.inf) -> list[Written]:
        return [written for written in self.writes if since <= written.began < until]

    def delays(self, since: float, until: float = math.inf, not_before: float = 0.0) -> list[float]:
        """Seconds from the beginning of each write then, or from `not_before` if that was later, to each display of its
        events, sorted. The write itself counts as delay: it is what a person waits for."""
        writes = self.written(since, until)
        began = {
            (written.org_id, position): written.began for written in writes for position in written.positions
        }
        return sorted(
            step.at - max(began[step.org_id, step.position], not_before)
            for step in self._steps
            if isinstance(step, Shown) and (step.org_id, step.position) in began
        )

    def slowest(self, since: float) -> float:
        """The longest way of an event to a socket, in seconds."""
        return max(self.delays(since), default=0.0)

    def shown(self, org_id: int, since: float, until: float) -> int:
        """How many times an event of the organization was displayed in that time."""
        shown = (step for step in self._steps if isinstance(step, Shown) and step.org_id == org_id)
        return sum(since <= step.at < until for step in shown)

    def closes(self, since: float) -> Counter[int]:
        """Close code -> sockets that were closed with it."""
        return Counter(step.code for step in self._steps if isinstance(step, Closed) and step.at >= since)

    def resumed(self) -> int:
        """How many times a socket came back with its cursor."""
        return sum(isinstance(step, Connected) and not step.fresh for step in self._steps)

    def resets(self) -> int:
        """How many times a socket had to read its lists again."""
        starts = [
            sum(isinstance(step, Connected) and step.fresh for step in record.history)
            for record in self.records
        ]
        return sum(count - 1 for count in starts if count)
