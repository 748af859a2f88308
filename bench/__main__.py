"""`python -m bench [full|quick] [--only SECTION ...]` measures and prints; a full run writes docs/benchmarks.md.

Sections: storm, a number of sockets (closed and open loop), burst, stream, command, posting, pages, sqlite, inbox.
`--only` measures some of them anew and keeps the figures of the others. What a run has measured is kept in var/ after
each step, also when it is stopped: `python -m bench report` writes the page from it, and `--only` measures what is
missing.
"""

import argparse
import signal
import sys

from bench.figures import Figures, OtherVersions
from bench.medians import Medians
from bench.page import write
from bench.plan import PLANS, Plan
from bench.run import run
from bench.tables import sections


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", default="full", choices=[*PLANS, "report"])
    parser.add_argument("--only", nargs="+", metavar="SECTION", default=[])
    asked = parser.parse_args()
    plan = PLANS.get(asked.what, PLANS["full"])
    if unknown := set(asked.only) - set(plan.sections):
        parser.error(f"no section {', '.join(unknown)}; sections of {plan.name}: {', '.join(plan.sections)}")
    figures = Figures(plan.name)
    if asked.what == "report" or (asked.only and figures.file.exists()):
        figures.read()
    if asked.what != "report":
        measure(plan, asked.only or plan.sections, figures)
    show(figures)
    if asked.what != "quick":
        write(figures)
        print("Written: docs/benchmarks.md")


def measure(plan: Plan, chosen: list[str], figures: Figures) -> None:
    try:
        run(plan, chosen, figures)
    except OtherVersions as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print(f"\nStopped. What was measured until now is in {figures.file}; see python -m bench --help.")
        raise


def show(figures: Figures) -> None:
    print(", ".join(f"{name} {value}" for name, value in figures.about.items()))
    for name, text in sections(Medians(figures.rows)).items():
        print(f"\n--- {name} ---\n{text}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the servers are stopped either way
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
