"""The table of the cluster's rows: on the terminal while it grows, and as a section of docs/cluster.md."""

import datetime as dt
import platform
import re
import subprocess
import sys
from dataclasses import astuple, dataclass, fields

from tqdm import tqdm

from bench.faults.checker import Damage
from bench.faults.cluster.trial import ClusterRow, Load
from bench.faults.evidence import Findings
from servers.cluster.machine import ROOT
from servers.cluster.postgres import PROGRAMS, major

DOCUMENT = ROOT / "docs" / "cluster.md"
TITLE = "## What was seen"  # begins the section; it ends with the next of its kind
VERSIONS = {
    "PostgreSQL": (f"{PROGRAMS}/{major()}/bin/postgres", "--version"),
    "Patroni": ("/usr/bin/patroni", "--version"),
    "etcd": ("/usr/bin/etcd", "--version"),
    "Redis": ("/usr/bin/redis-server", "--version"),
    "HAProxy": ("/usr/sbin/haproxy", "-v"),
    "PgBouncer": ("/usr/sbin/pgbouncer", "--version"),
}


@dataclass(frozen=True)
class Line:
    row: ClusterRow
    found: Findings

    @property
    def seen(self) -> str:
        return "; ".join([*self.found.broken, *self.found.notes])

    @property
    def verdict(self) -> str:
        return "holds" if self.found.is_clean else "FAILS"


def print_line(line: Line) -> None:
    tqdm.write(f"{line.row.name:<20} {line.verdict:<6} damage {line.found.damage}; {line.seen}")
    sys.stdout.flush()


def write_section(lines: list[Line], load: Load, seconds: float) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, after = text.partition(TITLE)
    rest = re.search(r"^## .*", after, re.MULTILINE | re.DOTALL)
    section = "\n".join(_section(lines, load, seconds))
    DOCUMENT.write_text(f"{before}{section}\n\n{rest[0] if rest else ''}".rstrip() + "\n", encoding="utf-8")


def _section(lines: list[Line], load: Load, seconds: float) -> list[str]:
    held = sum(line.verdict == "holds" for line in lines)
    damages = [part.name.replace("_", " ") for part in fields(Damage)]
    return [
        TITLE,
        "",
        f"{held} of {len(lines)} rows held on {dt.datetime.now(dt.UTC).date()}, in {seconds / 60:.0f} minutes, with"
        f" {load}.",
        f"{_versions()}, Python {platform.python_version()}. Afterwards `audit_history` found every log whole.",
        "",
        f"| row | what went | {' | '.join(damages)} | seen | |",
        f"|---|---|{'---|' * len(damages)}---|---|",
        *(
            f"| `{line.row.name}` | {line.row.fault} | {' | '.join(map(str, astuple(line.found.damage)))} |"
            f" {line.seen} | {line.verdict} |"
            for line in lines
        ),
    ]


def _versions() -> str:
    said = {
        name: subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for name, command in VERSIONS.items()
    }
    found = {name: re.search(r"\d+\.\d+(\.\d+)?", words) for name, words in said.items()}
    return ", ".join(f"{name} {match[0]}" for name, match in found.items() if match)
