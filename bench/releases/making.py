"""Makes archives of commits, and installs them as docs/upgrading.md says."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, **environment: str) -> str:
    """Run it at the root of the working copy; its output. What it said stands in the error where it fails."""
    ended = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
    assert ended.returncode == 0, (command, ended.stdout[-2000:], ended.stderr[-2000:])
    return ended.stdout.strip()


def archive(folder: Path, commit: str = "HEAD") -> Path:
    """Make a release of a commit, as `make release` does."""
    return ROOT / run(".ci/release", folder, COMMIT=commit).split(",")[0]


def changed(files: Mapping[str, str], directory: Path) -> str:
    """Make a commit on top of HEAD in which files have other words, which no branch knows."""
    index = {"GIT_INDEX_FILE": str(directory / "index")}
    run("git", "read-tree", "HEAD", **index)
    for name, words in files.items():
        (directory / "words").write_text(words)
        blob = run("git", "hash-object", "-w", directory / "words")
        run("git", "update-index", "--cacheinfo", f"100644,{blob},{name}", **index)
    tree = run("git", "write-tree", **index)
    who = {f"GIT_{role}_{what}": "trial" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return run("git", "commit-tree", tree, "-p", "HEAD", "-m", "Another release", **who)


def numbered(version: str, directory: Path) -> str:
    """Make a commit that is HEAD but for its version."""
    name = "base/release.py"
    words = re.sub(
        r'^VERSION = ".*"$', f'VERSION = "{version}"', (ROOT / name).read_text(), flags=re.MULTILINE
    )
    return changed({name: words}, directory)


def unpacked(archive: Path, releases: Path) -> Path:
    run("tar", "--extract", "--file", archive, "--directory", releases, "--no-same-owner")
    return releases / archive.name.removesuffix(".tar.gz")


def installed(archive: Path, releases: Path) -> Path:
    """Give the folder of the release, with its packages in an environment of its own."""
    release = unpacked(archive, releases)
    run(release / "bin" / "install")
    return release
