"""What the tables of a run are made of: Markdown, figures, moments, names."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from bench.report.medians import Medians, Row


def table(headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    """The first column is text, the others are figures."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    rows = [headings, rule, *([str(cell) for cell in line] for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def number(value: float | None) -> str:
    """Three figures are all that a measurement is worth."""
    if value is None or math.isinf(value):
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def when(rows: list[Row]) -> str:
    """From the first to the last repetition."""
    first, last = min(row["at"][0] for row in rows), max(row["at"][1] for row in rows)
    same_day = first[:10] == last[:10]
    return f"{first} UTC" if first == last else f"{first} to {last[11:] if same_day else last} UTC"


def name(row: Row, medians: Medians) -> str:
    """With the number of repetitions where it is less than usual."""
    count = row["repetitions"]
    if count == medians.repetitions:
        return str(row["system"])
    return f"{row['system']} ({'once' if count == 1 else f'{count} repetitions'})"


def lost(row: Row) -> str:
    """The worst repetition."""
    share = row["lost"] / max(row["lost"] + row["delivered"], 1)
    return f"{share:.0%}" if share >= 0.01 else number(row["lost"])
