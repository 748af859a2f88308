"""Which release workers are started from: `kill -HUP` follows the link, and what is not whole is not started from."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from base.release import ROOT, VERSION
from realtime.releases import FILES, Release, Unfit
from tests.realtime.processes import workers_of
from tests.waiting import wait_until


def lead(link: Path, to: Path) -> None:
    beside = link.with_name("beside")
    beside.symlink_to(to)
    beside.rename(link)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """As unpacked and installed, but for its code: what tells its version."""
    folder = tmp_path / "carillon-0.1.1"
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "release.py").write_text(
        (ROOT / "base" / "release.py").read_text().replace(VERSION, "0.1.1")
    )
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
    (folder / FILES).write_text("0123  ./base/release.py\n")
    return folder


class TestLooking:
    def test_a_release_says_what_it_is_started_with(self, release, tmp_path):
        lead(tmp_path / "current", release)
        found = Release.at(tmp_path / "current")
        assert (found.folder, found.version) == (release, "0.1.1")
        assert found.python == str(release / ".venv/bin/python")
        assert found.path[0] == str(release)
        assert str(ROOT) not in found.path

    def test_a_link_that_leads_nowhere(self, tmp_path):
        lead(tmp_path / "current", tmp_path / "gone")
        with pytest.raises(Unfit, match="is no release, or not yet"):
            Release.at(tmp_path / "current")

    def test_half_a_release(self, release):
        (release / FILES).unlink()
        with pytest.raises(Unfit, match=f"not unpacked to its end: {FILES} is missing"):
            Release.at(release)

    def test_a_release_of_which_a_file_is_missing(self, release):
        (release / FILES).write_text("0123  ./base/release.py\n4567  ./templates/base.html\n")
        with pytest.raises(Unfit, match=r"is not whole: \./templates/base\.html is missing"):
            Release.at(release)

    def test_a_release_that_is_not_installed(self, release):
        (release / ".venv").unlink()
        with pytest.raises(Unfit, match="has no Python that runs it"):
            Release.at(release)

    def test_a_release_that_cannot_say_it(self, release):
        (release / "base" / "release.py").write_text("VERSION =\n")
        with pytest.raises(Unfit, match="has no Python that runs it"):
            Release.at(release)


@pytest.mark.services
@pytest.mark.xdist_group("workers")
def test_workers_are_replaced_by_those_of_the_next_release(start_server, release, tmp_path):
    """Half a release changes nothing; after the next one is whole, one that dies is replaced by its own kind."""
    link = tmp_path / "current"
    lead(link, ROOT)
    server = start_server(workers=2, CARILLON_RELEASE=str(link))

    def folders() -> dict[int, str]:
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in workers_of(server.pid)}
        return {pid: command.partition("/.venv/")[0] for pid, command in commands.items()}

    old = set(folders())
    lead(link, tmp_path / "half")
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: "The workers are not replaced" in server.log, "half a release is refused")
    assert set(folders()) == old

    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in ("base", "var"):
            (release / path.name).symlink_to(path)
    shutil.copytree(ROOT / "base", release / "base", ignore=lambda _, __: ["release.py"], dirs_exist_ok=True)
    lead(link, release)
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: "New workers are of Carillon 0.1.1" in server.log, "the next release is taken")
    assert list(folders().values()) == [str(release)] * 2

    lead(link, tmp_path / "half")  # nobody asked for it yet
    os.kill(min(folders()), signal.SIGKILL)
    wait_until(lambda: "died" in server.log and len(folders()) == 2, "who died has a successor")
    assert list(folders().values()) == [str(release)] * 2
    assert "Traceback" not in server.log
