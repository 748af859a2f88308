"""Which release this is, and the oldest one that may run on the database beside it."""

import re
from pathlib import Path

VERSION = "0.1.0"
# A migration that takes away what the release before reads or writes raises it (docs/upgrading.md).
OLDEST_BESIDE = "0.1.0"

ROOT = Path(__file__).resolve().parent.parent


def commit() -> str:
    """Give the commit that the release was made of; empty where this is none that `make release` made."""
    written = ROOT / "COMMIT"
    return written.read_text().strip() if written.exists() else ""


def numbers(version: str) -> tuple[int, ...]:
    """Make a version comparable."""
    return tuple(int(part) for part in re.findall(r"\d+", version))
