"""docs/benchmarks.md and its picture, from the figures of a full run."""

import textwrap
from pathlib import Path
from string import Template

from bench.figures import Figures
from bench.plan import PLANS
from bench.report import tables
from bench.report.medians import Medians
from bench.report.picture import picture
from bench.report.targets import FLOOR, NAIVE, OURS, SOCKETIO, SOCKETS, WS, targets

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = Path(__file__).with_name("page.md")


def write(figures: Figures, docs: Path = ROOT / "docs") -> None:
    (docs / "benchmarks.md").write_text(page(figures))
    (docs / "images" / "delivery.svg").write_text(drawing(Medians(figures.rows)))


def page(figures: Figures) -> str:
    medians, plan = Medians(figures.rows), PLANS[figures.plan]
    return Template(TEMPLATE.read_text()).substitute(
        about=textwrap.fill(description(figures, medians), 118, break_on_hyphens=False),
        burst_events=plan.burst_events,
        burst_sockets=f"{plan.burst_sockets:,}",
        storm_sockets=f"{plan.storm_sockets:,}",
        **sections(medians),
    )


def description(figures: Figures, medians: Medians) -> str:
    versions = ", ".join(f"{name} {value}" for name, value in figures.about.items() if name != "machine")
    return " ".join(
        [
            f"Measured on {figures.about['machine']}; {versions}.",
            f"Figures are medians of {medians.repetitions} repetitions, or of as many as the row says; of what was "
            "lost, out of order, locked or refused the worst repetition counts.",
            *figures.notes,
        ]
    )


def sections(medians: Medians) -> dict[str, str]:
    return {
        "targets": tables.of_targets(targets(medians)),
        "closed": tables.of_loops(medians, "closed"),
        "open": tables.of_loops(medians, "open"),
        "burst": tables.of_burst(medians),
        "storm": tables.of_storm(medians),
        "writing": tables.of_writing(medians),
        "sqlite": tables.of_sqlite(medians),
        "inbox": tables.of_inbox(medians),
        "marking_all": tables.of_marking_all(medians),
    }


def drawing(medians: Medians) -> str:
    rows = {name: medians.find("closed", name, SOCKETS) for name in (OURS, FLOOR, WS, SOCKETIO, NAIVE)}
    bars = [(name, row["server_us"], name == OURS) for name, row in rows.items() if row]
    close = [bar for bar in bars if bar[0] != NAIVE]
    return picture(
        [
            ("Server CPU for each delivered frame at 1,000 sockets, microseconds", "µs", bars),
            ("The same without the naive consumer", "µs", close),
        ]
    )
