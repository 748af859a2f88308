"""What is printed follows from the medians, and a target that is missed is said to be."""

import math

import pytest

from bench.figures import Figures
from bench.medians import Medians
from bench.page import PAGE, filled
from bench.tables import sections
from bench.targets import BARE_VIEW, FLOOR, INBOX, OURS, WS, targets


def closed(system, *cpu, lost=0, at="2026-11-23 01:00"):
    return [
        {
            "section": "1000",
            "at": at,
            "part": "closed",
            "system": system,
            "size": 1000,
            "server_us": one,
            "redis_us": 1.0,
            "client_us": 1.0,
            "client_share": 0.1,
            "per_second": 1000.0,
            "seconds": 1.0,
            "p50_ms": 1.0,
            "p99_ms": 2.0,
            "frame_bytes": 650.0,
            "delivered": 10,
            "lost": lost,
            "doubled": 0,
            "disordered": 0,
        }
        for one in cpu
    ]


@pytest.fixture
def rows():
    # Means would give 23 / 6.33; the medians give 4 / 8.
    return closed(OURS, 4.0, 3.0, 62.0) + closed(WS, 8.0, 10.0, 1.0) + closed(FLOOR, 2.0, 2.0, 2.0)


def verdicts(rows):
    return {target.name: (target.value, target.is_met) for target in targets(Medians(rows))}


def test_ratios_are_of_medians(rows):
    assert verdicts(rows)["server CPU per delivery, Carillon / Node ws"] == (0.5, True)


def test_a_missed_target_is_said_to_be(rows):
    assert verdicts(rows)["server CPU per delivery, Carillon / floor"] == (2.0, False)
    assert "**missed**" in page_of(rows)


def test_what_was_not_measured_is_neither_met_nor_missed(rows):
    assert verdicts(rows)["burst: frames lost"] == (None, None)


def test_one_repetition_that_loses_is_not_hidden_by_the_others():
    rows = closed(OURS, 4.0, lost=0) + closed(OURS, 4.0, lost=7) + closed(OURS, 4.0, lost=0)
    assert Medians(rows).find("closed", OURS, 1000)["lost"] == 7


def test_loads_are_kept_apart():
    slow, fast = (
        {**closed(OURS, cpu)[0], "part": "open", "rate": rate} for cpu, rate in ((5.0, 2), (3.0, 20))
    )
    medians = Medians([slow, fast])
    assert medians.find("open", OURS, 1000, 2)["server_us"] == 5.0
    assert medians.find("open", OURS, 1000, 20)["server_us"] == 3.0


def figures_of(rows):
    figures = Figures("full")
    figures.about, figures.rows = {"machine": "a machine", "Python": "3.11"}, rows
    return figures


def page_of(rows):
    return filled(PAGE.read_text(), figures_of(rows))


def test_the_page_keeps_its_words_and_gets_new_figures(rows):
    text = page_of(rows)
    assert "medians of 3 repetitions" in text
    assert "| Carillon | 4 |" in text
    assert text.partition("<!-- about -->")[0] == PAGE.read_text().partition("<!-- about -->")[0]
    assert page_of(rows) == filled(text, figures_of(rows))


def test_every_table_has_its_place():
    for name in sections(Medians([])):
        assert PAGE.read_text().count(f"<!-- {name} -->\n") == 1


def test_each_table_says_when_it_was_measured(rows):
    assert "1,000 sockets, measured 2026-11-23 01:00 UTC:" in page_of(rows)
    later = closed(FLOOR, 2.0, at="2026-11-23 01:07")
    assert "measured 2026-11-23 01:00 to 01:07 UTC:" in page_of(rows + later)
    tomorrow = closed(FLOOR, 2.0, at="2026-11-24 01:07")
    assert "measured 2026-11-23 01:00 to 2026-11-24 01:07 UTC:" in page_of(rows + tomorrow)


def test_a_row_of_fewer_repetitions_says_so(rows):
    assert "| another (once) | 5 |" in page_of(rows + closed("another", 5.0))
    assert "| another (2 repetitions) | 5 |" in page_of(rows + closed("another", 5.0, 5.0))


def test_a_page_of_nothing_says_so():
    assert page_of([]).count("Not measured.") == 14


def page(system, workers, cpu, busiest):
    named = {"section": "pages", "at": "2026-11-26 01:00", "part": "pages", "system": system, "size": workers}
    return named | {"per_second": 10.0, "cpu_ms": cpu, "busiest_ms": busiest, "most": 0.5}


def test_a_page_is_compared_with_the_bare_view_and_two_workers_with_one():
    rows = [page(INBOX, 1, 12.0, 12.0), page(INBOX, 2, 12.4, 6.0), page(BARE_VIEW, 1, 2.0, 2.0)]
    assert f"| {INBOX} |  | 12 | 6 | 10 | 10 | 50% | 2 |" in page_of(rows)
    found = verdicts(rows)
    assert found["server CPU, inbox of 50 rows / bare view"] == (6.0, True)
    assert found["two workers / one, inbox"] == (2.0, True)
    assert found["two workers / one, sockets"] == (None, None)


def test_a_peer_that_could_not_be_installed_says_so():
    named = {"section": "command", "at": "2026-11-26 01:00", "part": "write", "system": "a peer", "size": 10}
    assert "| a peer | not installed |" in page_of([named | {"ms": math.inf, "cpu_ms": math.inf}])
