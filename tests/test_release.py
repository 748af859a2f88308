"""One version in all places, and what `carillon version` says of it."""

import re
import subprocess
import tomllib

import pytest

from base import release
from base.release import OLDEST_BESIDE, ROOT, VERSION, numbers

pytestmark = pytest.mark.once


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"^## \[(\d.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert VERSION == project == newest[1]
    assert numbers(OLDEST_BESIDE) <= numbers(VERSION)


def test_versions_are_compared_as_numbers():
    assert numbers("0.10.0") > numbers("0.9.1")


def test_the_entry_says_version_and_commit():
    said = subprocess.run([ROOT / "bin" / "carillon", "version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(
        rf"Carillon {re.escape(VERSION)} \((a working copy|commit [0-9a-f]{{12}}), Django [\d.]+, Python [\d.]+\)\n",
        said.stdout,
    )


def test_a_release_knows_its_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "ROOT", tmp_path)
    assert release.commit() == ""
    (tmp_path / "COMMIT").write_text("0123456789abcdef\n")
    assert release.commit() == "0123456789abcdef"


def test_a_release_that_is_not_installed_says_so(tmp_path):
    (tmp_path / "bin").mkdir()
    entry = tmp_path / "bin" / "carillon"
    entry.write_text((ROOT / "bin" / "carillon").read_text())
    entry.chmod(0o755)
    ended = subprocess.run([entry, "version"], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"carillon: this release is not installed: run {tmp_path}/bin/install\n"


@pytest.mark.parametrize("missing", ["FILES.sha256", "word"])
def test_a_release_that_is_not_whole_is_not_installed(tmp_path, missing):
    (tmp_path / "bin").mkdir()
    (tmp_path / "word").write_text("ding")
    install = tmp_path / "bin" / "install"
    install.write_text((ROOT / "bin" / "install").read_text())
    install.chmod(0o755)
    files = subprocess.run(
        ["sha256sum", "word"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "FILES.sha256").write_text(files)
    (tmp_path / missing).unlink()
    ended = subprocess.run([install], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "whole" in ended.stderr or "not unpacked to its end" in ended.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_archive_has_every_package_that_the_product_is_made_of():
    listed = re.search(r'^parts="(.*?)"', (ROOT / ".ci" / "release").read_text(), re.MULTILINE | re.DOTALL)
    assert listed
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0][
        "layers"
    ]
    product = {package for layer in layers for package in layer.split(" | ")}
    assert product <= set(listed[1].split())
    assert not {"tests", "bench", "servers", "schema"} & set(listed[1].split())
