"""The cluster, as far as it can be seen without root and Debian's packages: its files, its supervisor, what it says."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter

import pytest

from bench.faults.checker import Damage
from bench.faults.cluster import table
from bench.faults.cluster.people import Comment, lost_and_doubled
from bench.faults.cluster.trial import SHORT, ClusterRow
from bench.faults.evidence import Findings
from config import addresses, redis_addresses
from servers.cluster import alone, machine, network, supervisor
from servers.cluster.__main__ import describe
from servers.cluster.cluster import Cluster
from tests.waiting import wait_until

pytestmark = pytest.mark.once


class NoPlace:
    def __init__(self, name, number):
        self.address = f"10.83.0.{number}"


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """All that a cluster writes, and no network."""
    monkeypatch.setattr(network, "raise_bridge", lambda: None)
    monkeypatch.setattr(network, "Place", NoPlace)
    monkeypatch.setattr(machine.shutil, "chown", lambda *_: None)
    return Cluster(tmp_path)


class TestItsFiles:
    def test_each_is_used_and_filled_in(self, cluster):
        templates = {path.name for path in machine.TEMPLATES.iterdir() if path.suffix != ".md"}
        written = {path.name for path in cluster.folder.glob("*/*")}
        assert templates <= written
        texts = [path.read_text() for path in cluster.folder.glob("*/*")]
        assert not [text for text in texts if "$" in text]

    def test_nobody_else_reads_a_password(self, cluster):
        files = list(cluster.folder.glob("*/*"))
        assert files
        assert {path.stat().st_mode & 0o077 for path in files} == {0}

    @pytest.mark.skipif(not shutil.which("haproxy"), reason="HAProxy is not installed")
    @pytest.mark.parametrize("place", ["edge/haproxy.cfg", "app1/haproxy-database.cfg"])
    def test_haproxy_takes_them(self, cluster, place):
        done = subprocess.run(["haproxy", "-c", "-f", cluster.folder / place], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def test_the_product_takes_its_addresses(self, cluster):
        redis_addresses.redis(cluster.environment["REDIS_URL"])
        direct = addresses.database(cluster.environment["DATABASE_URL"])
        assert direct["OPTIONS"]["target_session_attrs"] == "read-write"
        environment = cluster.applications[0].units[-1].environment
        assert addresses.database(environment["DATABASE_URL"])["DISABLE_SERVER_SIDE_CURSORS"]

    def test_followers_are_on_two_hosts_and_in_no_server(self, cluster):
        units = {host.name: {unit.name: unit for unit in host.units} for host in cluster.applications}
        assert [name for name, mine in units.items() if "follow" in mine] == ["app1", "app2"]
        assert {mine["serve"].environment["FOLLOW"] for mine in units.values()} == {"0"}


class TestWhyNot:
    def test_somebody_else_than_root(self, monkeypatch):
        monkeypatch.setattr(alone.os, "geteuid", lambda: 1000)
        assert "needs root" in alone.why_not()

    def test_packages_that_are_missing(self, monkeypatch):
        monkeypatch.setattr(alone.os, "geteuid", lambda: 0)
        monkeypatch.setattr(alone, "PACKAGES", {sys.executable: "python3", "/nowhere/etcd": "etcd-server"})
        assert alone.why_not().endswith("apt-get install etcd-server")
        with pytest.raises(SystemExit, match="etcd-server"), alone.alone():
            pass

    def test_another_cluster(self, monkeypatch, tmp_path):
        monkeypatch.setattr(alone, "why_not", lambda: "")
        monkeypatch.setattr(alone, "LOCK", tmp_path / "lock")
        monkeypatch.setattr(alone, "FOLDER", tmp_path / "folder")
        monkeypatch.setattr(network, "tidy", lambda: None)
        with alone.alone() as folder:
            assert folder.is_dir()
            with pytest.raises(SystemExit, match="runs on this machine already"), alone.alone():
                pass
        assert not folder.exists()


class TestSupervisor:
    @pytest.fixture
    def supervised(self, tmp_path):
        unit = {
            "name": "sleep",
            "command": ["sleep", "1000"],
            "environment": {},
            "user": None,
            "directory": "/",
        }
        (tmp_path / "units.json").write_text(json.dumps([unit]))
        with subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__, tmp_path / "units.json"], stdin=subprocess.PIPE
        ) as process:
            yield process
            process.kill()

    def pid(self, folder, other_than=0):
        path = folder / "sleep.pid"
        pid = int(path.read_text()) if path.exists() else 0
        return pid if pid != other_than else 0

    def test_what_ended_starts_again_and_goes_with_who_started_it(self, supervised, tmp_path):
        first = wait_until(lambda: self.pid(tmp_path), "the unit")
        os.kill(first, signal.SIGKILL)
        second = wait_until(lambda: self.pid(tmp_path, first), "the unit again")
        supervised.stdin.close()
        assert supervised.wait(60) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)


class TestTheTable:
    def test_it_takes_the_place_of_its_section_alone(self, tmp_path, monkeypatch):
        monkeypatch.setattr(table, "DOCUMENT", tmp_path / "cluster.md")
        monkeypatch.setattr(table, "VERSIONS", {})
        table.DOCUMENT.write_text(
            "# A\n\nb\n\n## What was seen\n\nold\n\n## What it does not cover\n\n## C\n"
        )
        row = ClusterRow("haproxy-killed", "HAProxy", lambda cluster, wait: None)
        table.write_section([table.Line(row, Findings(Damage(lost=3), notes=["seen"]))], SHORT, 60)
        text = table.DOCUMENT.read_text()
        assert text.startswith("# A\n\nb\n\n## What was seen\n\n0 of 1 rows held")
        assert "| `haproxy-killed` | HAProxy | 3 | 0 | 0 | 0 | 0 | seen | FAILS |" in text
        assert text.endswith("FAILS |\n\n## What it does not cover\n\n## C\n")
        assert "old" not in text


def test_what_was_taken_stands_in_the_log_once():
    taken = [Comment(text, 0, 1) for text in ("a", "b", "c")]
    assert lost_and_doubled(taken, Counter(a=1, b=2, untold=1)) == (1, 1)


def test_it_says_where_everything_is(cluster):
    said = describe(cluster)
    assert f"Carillon: {cluster.url}" in said
    for each in cluster.machines:
        assert f"{each.address}" in said
    assert "serve, follow" in said
    assert "$" not in said.replace("$(cat", "")
