"""docs/running.md as `make try-running` reads it."""

import re

import pytest

from bench.running.__main__ import ONLINE
from bench.running.page import PAGE, blocks, with_figures

pytestmark = pytest.mark.once

PAGES = blocks(PAGE.read_text())


def test_blocks_have_names_of_their_own_and_come_in_order():
    names = [block.name for block in PAGES]
    assert len(set(names)) == len(names) > 10
    assert names[0] == "packages"
    assert names[-1] == "removal"
    assert set(ONLINE) < set(names)


def test_what_is_installed_is_removed():
    (removal,) = (block.commands for block in PAGES if block.name == "removal")
    for place in ("/opt/carillon", "/etc/carillon", "/usr/local/sbin/carillon", "/etc/systemd/system/"):
        assert any(place in block.commands for block in PAGES if block.name != "removal")
        assert place in removal


def test_no_block_waits_for_an_answer():
    for block in PAGES:
        if re.search(r"apt-get install", block.commands):
            assert "apt-get install --yes" in block.commands


def test_figures_take_the_place_of_older_ones():
    text = "a\n<!-- figures -->\nold\n<!-- end -->\nb"
    assert with_figures(text, "new") == "a\n<!-- figures -->\nnew\n<!-- end -->\nb"
