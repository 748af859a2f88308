"""What was measured is kept step by step, and a section that is measured anew replaces only itself."""

import pytest

from bench.figures import Figures, OtherVersions
from bench.plan import FULL

ABOUT, NEWER = {"Python": "3.11.7"}, {"Python": "3.11.8"}


@pytest.fixture
def stopped(tmp_path):
    """A run that was stopped while it measured the burst."""
    figures = Figures("full", tmp_path)
    figures.go_on(ABOUT)
    for section in ("storm", "burst"):
        figures.begin(section)
        figures.record(section, "Carillon", 1000, seconds=1.0)
        figures.save()
    figures.record("burst", "naive consumer", 1000, seconds=40.0)
    return tmp_path


def names(figures):
    return [(row["section"], row["system"]) for row in figures.rows]


def test_a_stopped_run_keeps_every_step_that_was_done(stopped):
    figures = Figures("full", stopped).read()
    assert names(figures) == [("storm", "Carillon"), ("burst", "Carillon")]
    assert figures.about == ABOUT


def test_a_section_measured_anew_replaces_itself_and_nothing_else(stopped):
    figures = Figures("full", stopped).read()
    figures.go_on(ABOUT)
    figures.begin("burst")
    figures.record("burst", "bare epoll loop", 1000, seconds=5.0)
    assert names(figures) == [("storm", "Carillon"), ("burst", "bare epoll loop")]


def test_figures_of_other_versions_are_not_mixed(stopped):
    figures = Figures("full", stopped).read()
    with pytest.raises(OtherVersions):
        figures.go_on(NEWER)
    Figures("full", stopped).go_on(NEWER)  # a run of everything starts anew


def test_rows_say_when_they_were_measured(stopped):
    assert all(row["at"] for row in Figures("full", stopped).read().rows)


def test_the_sections_of_a_plan_are_everything_that_it_measures():
    sockets = {"storm": 1000, "100": 100, "1000": 1000, "5000": 5000, "burst": 1000, "stream": 1000}
    without = ["command", "posting", "sqlite", "inbox"]
    assert set(FULL.sections) == {*sockets, *without, "pages"}
    assert {section: FULL.sockets(section) for section in FULL.sections} == {
        **sockets,
        **dict.fromkeys(without, 0),
        "pages": 1000,
    }
