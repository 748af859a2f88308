"""Sections of the quick run on another commit's product and on this one's, with the benches of this one.

python -m bench.against COMMIT SECTION ...
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figures
from bench.medians import NAMES, Medians
from bench.tables import number, table
from servers.carillon import ROOT

OURS = ("bench", "servers")


def main(commit: str, *sections: str) -> None:
    with tempfile.TemporaryDirectory(prefix="carillon-before-") as name:
        before = Path(name) / "product"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(before), commit], check=True)
        try:
            for folder in OURS:
                shutil.rmtree(before / folder)
                shutil.copytree(ROOT / folder, before / folder, ignore=shutil.ignore_patterns("__pycache__"))
            for place in (before, ROOT):
                subprocess.run(
                    [sys.executable, "-m", "bench", "quick", "--only", *sections], cwd=place, check=True
                )
            print(compared(_medians(before, sections), _medians(ROOT, sections)))
        finally:
            subprocess.run([*git, "remove", "--force", str(before)], check=True)


def _medians(place: Path, sections: Sequence[str]) -> Medians:
    rows = Figures("quick", place / "var").read().rows
    return Medians([row for row in rows if row["section"] in sections])


def compared(before: Medians, now: Medians) -> str:
    """A line for each figure that both have."""
    lines = []
    for row in now.rows():
        found = before.find(*(row[name] for name in NAMES))
        for figure, value in row.items():
            if found and isinstance(value, float) and figure not in NAMES:
                ratio = number(value / found[figure]) if found[figure] else ""
                what = f"{row['part']}: {row['system']}, {row['size']}, {figure}"
                lines.append((what, number(found[figure]), number(value), ratio))
    return table(("figure", "before", "now", "now / before"), lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
