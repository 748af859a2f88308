"""The documents as tests read them: their text, what stands in `backticks`, their JSON examples and tables."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
NAMES = [
    "README.md",
    "CHANGELOG.md",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")),
]


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    """Without blocks of code and the marks between which a bench writes its tables."""
    return re.sub(r"^```.*?^```|^<!-- \w+ -->", "", text_of(name), flags=re.MULTILINE | re.DOTALL)


def code_in(name: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose_of(name))


def sections_of(name: str) -> dict[str, str]:
    """Heading, without its signs -> the text below it up to the next heading."""
    parts = re.split(r"^#+ (.*)$", text_of(name), flags=re.MULTILINE)[1:]
    return {heading.strip("`"): text for heading, text in zip(parts[::2], parts[1::2], strict=True)}


def examples_in(section: str) -> list[Any]:
    """The values of its JSON blocks; a block may hold several, one after the other."""
    found = []
    for block in re.findall(r"^```json\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL):
        rest = block.strip()
        while rest:
            value, end = json.JSONDecoder().raw_decode(rest)
            found.append(value)
            rest = rest[end:].strip()
    return found


def first_column(section: str) -> list[str]:
    """What stands in backticks in the first column of the section's tables, row by row."""
    cells = re.findall(r"^\| ([^|]*) \|", section, flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
