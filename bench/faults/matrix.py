"""Runs the rows on both systems one after the other, and says at the end whether the matrix holds."""

import time
import traceback
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from bench.faults.evidence import Findings
from bench.faults.row import Row
from bench.faults.rows import ROWS
from bench.faults.scene import FULL
from bench.faults.stage import NAIVE, Stage
from bench.faults.table import Line, print_line, print_title, write_document, write_section

SHORT = 10.0  # seconds of a row's short form


@dataclass(frozen=True)
class Choice:
    rows: list[Row]
    full: bool
    is_whole: bool = True

    @property
    def seconds(self) -> float:
        return FULL if self.full else SHORT

    @classmethod
    def of(cls, words: list[str], layer: str) -> "Choice":
        """Raises SystemExit for a row that does not exist."""
        known = {row.name: row for row in ROWS if layer in row.layers}
        names = [word for word in words if word != "short"]
        if unknown := [name for name in names if name not in known]:
            raise SystemExit(f"There is no row {', '.join(unknown)}. Rows: {', '.join(known)}.")
        chosen = [known[name] for name in names] or list(known.values())
        return cls(chosen, "short" not in words, is_whole=not names)


def run_matrix(stage: Stage, words: list[str]) -> int:
    layer = "redis" if stage.is_on_redis else "notify"
    choice = Choice.of(words, layer)
    count = 2 if stage.is_on_redis else 1  # the naive system knows Redis alone
    lines: list[Line] = []
    print_title()
    with tqdm(
        total=count * len(choice.rows), unit="run", leave=False, dynamic_ncols=True, disable=None
    ) as bar:
        for row in choice.rows:
            systems = row.systems[:count]
            lines.append(Line(row, *(_run(row, stage, system.name, choice, bar) for system in systems)))
            print_line(lines[-1])
    if choice.is_whole:
        write = write_document if stage.is_on_redis else write_section
        write(lines, stage.versions(), choice.seconds)
    return 0 if all(line.holds for line in lines) else 1


def _run(row: Row, stage: Stage, name: str, choice: Choice, bar: "tqdm[Any]") -> Findings:
    system = NAIVE if name == NAIVE.name else row.system
    bar.set_description(f"{row.name}, {name}")
    began = time.monotonic()

    def tick() -> None:
        bar.set_postfix_str(f"{time.monotonic() - began:.0f} s")

    try:
        return row.run(stage, system, choice.seconds, tick)
    except Exception as error:  # noqa: BLE001 - one row that cannot run must not cost the others
        traceback.print_exc()
        return Findings(broken=[f"could not be run: {type(error).__name__}"])
    finally:
        bar.update()
