"""Files of `deploy/` as they stand where these tests run: programs and certificates lie elsewhere."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"


def program(name: str) -> str:
    """Give its path; the test is skipped where this machine has none."""
    found = shutil.which(name) or shutil.which(name, path=SBIN)
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def moved(name: str, to: Path, **places: str) -> Path:
    """Copy a file of `deploy/` into a folder, with other paths in it. Each path must be there."""
    text = (DEPLOY / name).read_text()
    for old, new in places.items():
        assert old in text, old
        text = text.replace(old, new)
    file = to / Path(name).name
    file.write_text(text)
    return file


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)
