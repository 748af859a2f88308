"""The release that workers are started from: its code and its own Python environment. A link says which, such as
/opt/carillon/current. It is followed at the start and by `kill -HUP`, and at no other time: no process reads files of
two releases, and a worker that dies is replaced by one of its own."""

import json
import os
import subprocess
import sys
from multiprocessing import spawn
from pathlib import Path
from typing import Any, NamedTuple, Self

from base.release import ROOT, VERSION

# Of each file in a release; the last one in its archive.
FILES = "FILES.sha256"
LOOK = "import json, sys; from base.release import VERSION; print(json.dumps([VERSION, sys.path]))"
LIMIT = 30.0  # seconds that a release may take to say it


class Unfit(Exception):
    """A release that cannot be started from; why, in a sentence's second half."""


class Release(NamedTuple):
    folder: Path
    version: str
    python: str
    path: list[str]  # that modules are looked for in

    @classmethod
    def ours(cls) -> Self:
        return cls(ROOT, VERSION, sys.executable, sys.path)

    @classmethod
    def at(cls, link: Path) -> Self:
        """Ask the release that a link leads to. Raises Unfit."""
        folder = link.resolve()
        python = str(folder / ".venv" / "bin" / "python")
        _require_whole(folder)
        try:
            said = subprocess.run(  # noqa: S603 - of a release
                [python, "-P", "-c", LOOK],
                env=os.environ | {"PYTHONPATH": str(folder)},
                cwd=folder,
                capture_output=True,
                check=True,
                timeout=LIMIT,
            )
            version, path = json.loads(said.stdout)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise Unfit(f"{folder} has no Python that runs it: {error}") from error
        return cls(folder, version, python, path)


class Starting:
    """From where the next worker is started. `link` is empty where there is no release to be replaced by another."""

    def __init__(self, link: str) -> None:
        self._link = Path(link) if link else None
        self._release = Release.ours()
        self._usual = spawn.get_preparation_data
        spawn.get_preparation_data = (
            self._preparation
        )  # the one place where a child is told where its code is

    @property
    def release(self) -> Release:
        return self._release

    @release.setter
    def release(self, release: Release) -> None:
        self._release = release
        spawn.set_executable(release.python)

    def follow_link(self) -> None:
        """Start from where the link leads now. Raises Unfit."""
        if self._link is None:
            return
        if (folder := self._link.resolve()) != self.release.folder:
            self.release = Release.at(folder)

    def _preparation(self, name: str) -> dict[str, Any]:
        try:
            Path.cwd()
        except FileNotFoundError:  # it was in a release that has been deleted
            os.chdir(self.release.folder)
        return self._usual(name) | {"sys_path": self.release.path}


def _require_whole(folder: Path) -> None:
    """Refuse a folder that is still being unpacked: the list of files comes last. A working copy has none."""
    if not (folder / "base" / "release.py").exists():
        raise Unfit(f"{folder} is no release, or not yet")
    if not (folder / FILES).exists() and not (folder / ".git").exists():
        raise Unfit(f"{folder} is not unpacked to its end: {FILES} is missing")
    if (folder / FILES).exists():
        names = (line.split(maxsplit=1)[1] for line in (folder / FILES).read_text().splitlines())
        if missing := next((name for name in names if not (folder / name).exists()), None):
            raise Unfit(f"{folder} is not whole: {missing} is missing")
