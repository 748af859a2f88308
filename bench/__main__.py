"""`python -m bench [full|quick|report]`: measure and print; a full run, or its figures again, writes the page."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from bench.plan import PLANS
from bench.report.medians import Medians
from bench.report.page import sections, write
from bench.run import run

VAR = Path(__file__).parent.parent / "var"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", default="full", choices=[*PLANS, "report"])
    what = parser.parse_args().what
    if what == "report":
        result = json.loads(figures_of("full").read_text())
    else:
        result = run(PLANS[what])
        figures_of(what).parent.mkdir(exist_ok=True)
        figures_of(what).write_text(json.dumps(result, indent=1))
    show(result)
    if what != "quick":
        write(result)
        print("Written: docs/benchmarks.md")


def figures_of(plan: str) -> Path:
    return VAR / f"bench-{plan}.json"


def show(result: dict[str, Any]) -> None:
    print(", ".join(f"{name} {value}" for name, value in result["about"].items()), *result["notes"], sep="\n")
    for name, text in sections(Medians(result["rows"])).items():
        print(f"\n--- {name} ---\n{text}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the servers are stopped either way
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
