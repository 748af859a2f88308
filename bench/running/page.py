"""The commands of docs/running.md: blocks of shell that have a name, in the order of the page."""

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "running.md"
BLOCK = re.compile(r"^```sh (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURES = re.compile(r"(<!-- figures -->\n).*?(<!-- end -->)", re.DOTALL)


class Block(NamedTuple):
    name: str
    commands: str


def blocks(text: str) -> list[Block]:
    """Blocks without a name are alternatives, to be read."""
    return [Block(*found) for found in BLOCK.findall(text)]


def with_figures(text: str, table: str) -> str:
    return FIGURES.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text)
