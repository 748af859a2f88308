"""Puts the figures of a full run into docs/benchmarks.md. Its words are written by hand: each table stands between
`<!-- name -->` and `<!-- end -->`."""

import re
import textwrap
from pathlib import Path

from bench.figures import Figures
from bench.medians import Medians
from bench.tables import sections

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PLACE = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def write(figures: Figures) -> None:
    PAGE.write_text(filled(PAGE.read_text(), figures))


def filled(page: str, figures: Figures) -> str:
    """Raises KeyError for a place that no table belongs to."""
    medians = Medians(figures.rows)
    parts = sections(medians) | {
        "about": textwrap.fill(description(figures, medians), 118, break_on_hyphens=False)
    }
    return PLACE.sub(lambda found: f"<!-- {found[1]} -->\n{parts[found[1]]}\n<!-- end -->", page)


def description(figures: Figures, medians: Medians) -> str:
    versions = ", ".join(f"{name} {value}" for name, value in figures.about.items() if name != "machine")
    return (
        f"Measured on {figures.about['machine']}; {versions}. Figures are medians of {medians.repetitions} "
        "repetitions, or of as many as the row says; of what was lost, out of order, locked or refused the worst "
        "repetition counts."
    )
