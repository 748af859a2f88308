"""The table: when a row holds, and how the page that it becomes reads."""

import datetime as dt

import pytest

from bench.faults.checker import Damage
from bench.faults.evidence import Findings
from bench.faults.row import row
from bench.faults.rows import ROWS
from bench.faults.table import Line, document

CLEAN, DAMAGED = Findings(), Findings(Damage(lost=1200), notes=["slowest event 2.0 s"])
BROKEN = Findings(broken=["not so: every write succeeds"])


@row(fault="a fault", expected="nothing lost", naive="it loses")
def hurting(scene):
    """Never acted here."""


@row(fault="a fault", expected="nothing lost", naive="not hurt: it has no log", hurts_naive=False)
def harmless(scene):
    """Never acted here."""


@pytest.mark.parametrize(
    ("line", "verdict", "holds"),
    [
        (Line(hurting, CLEAN, DAMAGED), "holds", True),
        (Line(hurting, CLEAN, BROKEN), "holds", True),
        (Line(hurting, CLEAN, CLEAN), "proves nothing", False),
        (Line(hurting, DAMAGED, DAMAGED), "FAILS", False),
        (Line(hurting, BROKEN, DAMAGED), "FAILS", False),
        (Line(harmless, CLEAN, CLEAN), "holds", True),
        (Line(harmless, CLEAN, DAMAGED), "holds", True),
    ],
)
def test_a_row_holds_when_we_are_whole_and_the_naive_system_is_as_the_row_says(line, verdict, holds):
    assert (line.verdict, line.holds) == (verdict, holds)


def test_the_page_says_what_held_when_and_with_what():
    text = "\n".join(
        document(
            [Line(hurting, CLEAN, DAMAGED), Line(hurting, BROKEN, DAMAGED)],
            dt.date(2026, 11, 22),
            "PostgreSQL 18",
            10.0,
        )
    )
    assert "1 of 2 rows held on 2026-11-22." in text
    assert "Each row ran for 10 seconds" in text
    assert "Versions: PostgreSQL 18." in text
    assert "| `hurting` | a fault | nothing lost | 0 | 0 | 0 | 0 | 0 |  | holds |" in text
    assert "| `hurting` | 1,200 | 0 | 0 | 0 | 0 | slowest event 2.0 s | it loses |" in text


def test_every_table_row_has_as_many_cells_as_its_head():
    lines = document([Line(row, CLEAN, DAMAGED) for row in ROWS], dt.date(2026, 11, 22), "", 60.0)
    tables = [line.count("|") for line in lines if line.startswith("|")]
    assert len(set(tables)) == 2
    assert len(tables) == 2 * (len(ROWS) + 2)


def test_rows_have_names_of_their_own():
    assert len({row.name for row in ROWS}) == len(ROWS)
