"""docs/benchmarks.md and its picture, from the figures of a full run."""

import textwrap
from pathlib import Path
from string import Template
from typing import Any

from bench.plan import PLANS
from bench.report import tables
from bench.report.medians import Medians
from bench.report.picture import picture
from bench.report.targets import FLOOR, NAIVE, OURS, SOCKETIO, SOCKETS, WS, targets

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = Path(__file__).with_name("page.md")
ABOUT = ("plan", "repetitions", "date", "machine")


def write(result: dict[str, Any], docs: Path = ROOT / "docs") -> None:
    (docs / "benchmarks.md").write_text(page(result))
    (docs / "images" / "delivery.svg").write_text(drawing(Medians(result["rows"])))


def page(result: dict[str, Any]) -> str:
    medians, about = Medians(result["rows"]), result["about"]
    plan = PLANS[about["plan"]]
    return Template(TEMPLATE.read_text()).substitute(
        about=textwrap.fill(description(about, result["notes"]), 118, break_on_hyphens=False),
        burst_events=plan.burst_events,
        burst_sockets=f"{plan.burst_sockets:,}",
        storm_sockets=f"{plan.storm_sockets:,}",
        **sections(medians),
    )


def description(about: dict[str, str], notes: list[str]) -> str:
    versions = ", ".join(f"{name} {value}" for name, value in about.items() if name not in ABOUT)
    return " ".join(
        [
            f"Measured on {about['date']}: {about['machine']}; {versions}.",
            f"Figures are medians of {about['repetitions']} repetitions; of what was lost, out of order, locked or "
            "refused the worst repetition counts.",
            *notes,
        ]
    )


def sections(medians: Medians) -> dict[str, str]:
    return {
        "targets": tables.of_targets(targets(medians)),
        "closed": tables.of_closed_loop(medians),
        "open": tables.of_open_loop(medians),
        "burst": tables.of_burst(medians),
        "storm": tables.of_storm(medians),
        "writing": tables.of_writing(medians),
        "sqlite": tables.of_sqlite(medians),
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
