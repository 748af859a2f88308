"""The table of the matrix: on the terminal while it grows, and as docs/faults.md."""

import datetime as dt
import platform
import sys
from dataclasses import astuple, dataclass, fields
from importlib.metadata import version
from pathlib import Path

from tqdm import tqdm

from bench.faults.checker import Damage
from bench.faults.evidence import Findings
from bench.faults.row import Row

SECTION = "## With the product, without Redis"
DOCUMENT = Path(__file__).parent.parent.parent / "docs/faults.md"
PACKAGES = ("Django", "channels", "channels-redis", "uvicorn", "redis", "psycopg", "websockets")


@dataclass(frozen=True)
class Line:
    row: Row
    ours: Findings
    naive: Findings | None = None

    @property
    def naive_is_as_said(self) -> bool:
        """A fault that does not hurt the usual way proves nothing, unless the row says why."""
        return not (self.naive and self.row.hurts_naive and self.naive.is_clean)

    @property
    def holds(self) -> bool:
        return self.ours.is_clean and self.naive_is_as_said

    @property
    def verdict(self) -> str:
        if not self.ours.is_clean:
            return "FAILS"
        return "holds" if self.naive_is_as_said else "proves nothing"


def print_title() -> None:
    tqdm.write(f"{'row':<26} {'verdict':<8} what was seen")


def print_line(line: Line) -> None:
    tqdm.write(f"{line.row.name:<26} {line.verdict:<8} ours:  {_seen(line.ours)}")
    if line.naive:
        tqdm.write(f"{'':<35} naive: {_seen(line.naive)}")
    sys.stdout.flush()


def _seen(found: Findings) -> str:
    return "; ".join([f"damage {found.damage}", *found.broken, *found.notes])


def write_document(lines: list[Line], servers: str, seconds: float) -> None:
    """`servers` names the versions of PostgreSQL and Redis, `seconds` how long each row ran. The section about another
    layer stays."""
    packages = ", ".join(
        [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
    )
    text = "\n".join(document(lines, dt.datetime.now(dt.UTC).date(), f"{servers}, {packages}", seconds))
    _, heading, kept = DOCUMENT.read_text(encoding="utf-8").partition(SECTION)
    DOCUMENT.write_text(text + "\n" + ("\n" + heading + kept if kept else ""), encoding="utf-8")


def write_section(lines: list[Line], servers: str, seconds: float) -> None:
    """Do `write_document` for hints by PostgreSQL, with the product alone."""
    before = DOCUMENT.read_text(encoding="utf-8").partition(SECTION)[0].rstrip("\n")
    text = "\n".join(section(lines, dt.datetime.now(dt.UTC).date(), servers, seconds))
    DOCUMENT.write_text(f"{before}\n\n{text}\n", encoding="utf-8")


def section(lines: list[Line], day: dt.date, versions: str, seconds: float) -> list[str]:
    held = sum(line.holds for line in lines)
    return [
        SECTION,
        "",
        f"{held} of {len(lines)} rows held on {day} with the product on PostgreSQL alone: hints go by NOTIFY",
        "(`realtime/notify_layer.py`), and rows about Redis are left out. `make faults LAYER=notify` writes this",
        f"section; each row ran for {seconds:.0f} seconds. A Redis runs beside it for rows that kill it, and nobody",
        "uses it. The naive system knows no other layer than Redis, so what becomes of it stands above.",
        "",
        f"Versions: {versions}.",
        "",
        *_table(lines),
    ]


def document(lines: list[Line], day: dt.date, versions: str, seconds: float) -> list[str]:
    held = sum(line.holds for line in lines)
    damages = [part.name.replace("_", " ") for part in fields(Damage)]
    return [
        "# Faults",
        "",
        f"{held} of {len(lines)} rows held on {day}.",
        "",
        f"This page is written by `make faults`. Each row ran for {seconds:.0f} seconds, twice: on two servers of the",
        "product, and on two of a naive system on the same database (`bench/naive/`), which announces inside the",
        "transaction and keeps no cursor. PostgreSQL and Redis are real. Unless the row says otherwise 100 sockets",
        "listen (with the product half of them a user's), and another process writes 20 events a second.",
        "",
        "At the end a checker (`bench/faults/checker.py`) compares what every socket displayed with the log: events",
        "lost, duplicated, out of order, foreign (of an organization, or a time, that the user is no member of) and",
        "phantom (not in the log). The clients hide nothing: what came twice was displayed twice.",
        "",
        f"Versions: {versions}.",
        "",
        "`make faults` runs a minute a row, `make faults FAULTS=short` ten seconds with smaller crowds;",
        '`make faults FAULTS="redis-killed burst"` runs the rows that it names, and leaves this page alone.',
        "",
        "## With the product",
        "",
        *_table(lines),
        "",
        "## With the naive system",
        "",
        "A fault that does not hurt it proves nothing, so each row says what becomes of it, or why nothing does.",
        "",
        f"| row | {' | '.join(damages)} | seen | why |",
        f"|---|{'---|' * len(damages)}---|---|",
        *(_naive(line, line.naive) for line in lines if line.naive),
    ]


def _table(lines: list[Line]) -> list[str]:
    damages = [part.name.replace("_", " ") for part in fields(Damage)]
    return [
        f"| row | fault | expected | {' | '.join(damages)} | seen | |",
        f"|---|---|---|{'---|' * len(damages)}---|---|",
        *(_ours(line) for line in lines),
    ]


def _ours(line: Line) -> str:
    seen = "; ".join([*line.ours.broken, *line.ours.notes])
    row = line.row
    return f"| `{row.name}` | {row.fault} | {row.expected} | {_counts(line.ours)} | {seen} | {line.verdict} |"


def _naive(line: Line, found: Findings) -> str:
    seen = "; ".join([*found.broken, *found.notes])
    return f"| `{line.row.name}` | {_counts(found)} | {seen} | {line.row.naive} |"


def _counts(found: Findings) -> str:
    return " | ".join(f"{count:,}" for count in astuple(found.damage))
