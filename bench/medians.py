"""The median of each figure over the repetitions of a run."""

from collections import defaultdict
from statistics import median
from typing import Any

Row = dict[str, Any]
NAMES = ("part", "system", "size", "rate")
ORIGIN = ("section", "at")
WORST = frozenset({"lost", "doubled", "disordered", "locked", "failed", "refused"})  # a median would hide it


class Medians:
    """Figures by part ("closed", "burst" ...), system and size. Of what is lost, doubled or disordered it keeps the
    worst repetition, of the moments of measuring (`at`) the first and the last."""

    def __init__(self, rows: list[Row]) -> None:
        grouped: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in rows:
            grouped[tuple(row.get(name) for name in NAMES)].append(row)
        self.repetitions = max(map(len, grouped.values()), default=0)
        self._figures = {key: self._of(key, group) for key, group in grouped.items()}

    def _of(self, key: tuple[Any, ...], group: list[Row]) -> Row:
        figures = [name for name in group[0] if name not in NAMES + ORIGIN]
        moments, count = sorted(row["at"] for row in group), len(group)
        fewer = "" if count == self.repetitions else " (once)" if count == 1 else f" ({count} repetitions)"
        return {
            **dict(zip(NAMES, key, strict=True)),
            **{name: (max if name in WORST else median)(row[name] for row in group) for name in figures},
            "at": (moments[0], moments[-1]),
            "label": f"{key[1]}{fewer}",
        }

    def find(self, part: str, system: str, size: int, rate: float | None = None) -> Row | None:
        return self._figures.get((part, system, size, rate))

    def rows(self) -> list[Row]:
        return list(self._figures.values())

    def part(self, part: str) -> list[Row]:
        """All groups of a part, in the order of the run."""
        return [figures for key, figures in self._figures.items() if key[0] == part]

    def ratio(self, part: str, figure: str, above: str, below: str, size: int) -> float | None:
        """One system's median over another's; None when either was not measured."""
        upper, lower = self.find(part, above, size), self.find(part, below, size)
        return upper[figure] / lower[figure] if upper and lower and lower[figure] else None
