"""`/metrics`: what is asked for is shown, and what is not leaves no trace."""

import errno
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import Counter

from base import exposition, shelf
from base.exposition import CannotShow, shown
from base.shelf import Shelf, laid_down

pytestmark = pytest.mark.once

TRIED = Counter("tried_by_a_test", "Of this test alone.")
WRITER = """
import sys, time
from base import figures, shelf
figures.counter("tried_elsewhere", "…").inc(5)
with shelf.laid_down(sys.argv[1]):
    print("written", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """A folder for temporary files of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return free.getsockname()[1]


def fetched(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        return answer.read().decode()


def test_a_process_shows_its_own_figures_and_writes_nothing(temporary):
    port = free_port()
    TRIED.inc()
    with shown(("127.0.0.1", port)):
        assert "\ntried_by_a_test_total 1.0\n" in fetched(port)
        assert not list(temporary.iterdir())
    with pytest.raises(OSError, match="refused"):
        fetched(port)


def test_nothing_is_shown_or_written_where_nobody_asks(temporary):
    with shown(None, starts_workers=True), laid_down(os.environ.get(exposition.FOLDER, "")):
        assert not list(temporary.iterdir())


def test_a_port_in_use_is_told_in_a_sentence_and_leaves_nothing(temporary):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(CannotShow, match=f"127.0.0.1, port {port}: Address already in use. See METRICS"),
            shown(("127.0.0.1", port), starts_workers=True),
        ):
            pytest.fail("it must not begin")
    assert not list(temporary.iterdir())


def test_a_killed_worker_leaves_its_counts_and_no_file(temporary):
    parent = Shelf()
    worker = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(parent.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with worker:
        worker.stdout.readline()
        assert [snapshot.pid for snapshot in parent.read()] == [worker.pid, 0]
        worker.kill()
        worker.wait()
    gone = parent.read()
    assert [snapshot.pid for snapshot in gone] == [0]
    values = {sample.name: sample.value for family in gone[0].families for sample in family.samples}
    assert values["carillon_tried_elsewhere_total"] == 5
    assert [file.name for file in parent.folder.iterdir()] == [shelf.LOCK]
    parent.remove()
    assert not list(temporary.iterdir())


def test_what_a_killed_parent_left_goes_with_the_next_start(temporary):
    killed, living = temporary / f"{shelf.PREFIX}killed", Shelf()
    killed.mkdir()
    (killed / shelf.LOCK).touch()
    (temporary / "somebody-elses").mkdir()
    parent = Shelf()
    assert not killed.exists()
    assert living.folder.exists()
    assert (temporary / "somebody-elses").exists()
    parent.remove()
    living.remove()


def test_a_full_disk_costs_figures_and_nothing_else(temporary, monkeypatch, caplog):
    monkeypatch.setattr(shelf, "EVERY", 0.001)
    tries = []

    def full(*_):
        tries.append(time.monotonic())
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with laid_down(str(temporary)):
        while len(tries) < 3:
            time.sleep(0.001)
    assert caplog.text.count("The figures of this process cannot be written: No space left on device") == 1


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(CannotShow, match="TMPDIR"), shown(("127.0.0.1", free_port()), starts_workers=True):
        pytest.fail("it must not begin")
