"""What a module says of itself is so: 'Pure' is held by import-linter, and shown in a bare interpreter."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
SETTINGS = TOOLS["importlinter"]
PURE, PURE_ASYNCIO = (
    set(contract["source_modules"])
    for contract in SETTINGS["contracts"]
    if "django" in contract.get("forbidden_modules", ()) and "pure" in contract["name"]
)
# Python loads some of what is forbidden for itself.
TELLING = (
    "django",
    "channels",
    "channels_redis",
    "redis",
    "psycopg",
    "sqlite3",
    "asyncio",
    "logging",
    "socket",
)

pytestmark = pytest.mark.once


def say_pure() -> set[str]:
    found = set()
    for package in TOOLS["mypy"]["packages"]:
        for path in (ROOT / package).rglob("*.py"):
            docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
            if re.search(r"\bPure[.,:]", docstring):
                found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


def test_each_module_that_says_pure_stands_in_the_contract():
    assert len(say_pure()) > 15
    assert say_pure() <= PURE


@pytest.mark.parametrize(
    ("modules", "none_of"), [(PURE, TELLING), (PURE_ASYNCIO, TELLING[:6])], ids=["pure", "asyncio"]
)
def test_they_are_imported_without_settings_and_without_the_world(modules, none_of):
    program = f"import sys, {', '.join(sorted(modules))}\nprint(*[name for name in {none_of} if name in sys.modules])"
    python = [sys.executable, "-c", program]
    run = subprocess.run(python, cwd=ROOT, env={}, capture_output=True, text=True, timeout=60)
    assert (run.stdout.strip(), run.stderr) == ("", "")
