"""The units of systemd: what systemd says of them, and that they and the page speak of one installation."""

import configparser
import re

import pytest

from tests.deploy.places import DEPLOY, ROOT, moved, program, run
from tests.docs.documents import text_of

pytestmark = pytest.mark.once

UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
SERVICES = [name for name in UNITS if name.endswith(".service")]
ENTRY = "/opt/carillon/current/bin/carillon"


def service(name: str) -> configparser.SectionProxy:
    """Of a key that stands twice, the last."""
    unit = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes="#")
    unit.optionxform = str
    unit.read(DEPLOY / "systemd" / name)
    return unit["Service"]


def test_systemd_finds_nothing_wrong(tmp_path):
    verify = [program("systemd-analyze"), "verify", "--man=no"]
    for name in UNITS:
        entry = {ENTRY: str(ROOT / "bin/carillon")} if name in SERVICES else {}
        verify.append(moved(f"systemd/{name}", tmp_path, **entry))
    said = run(*verify)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_systemd_would_notice_a_slip(tmp_path):
    slip = moved(
        "systemd/carillon.service", tmp_path, **{ENTRY: "/bin/true", "KillMode=mixed": "KillMode=mixt"}
    )
    assert "mixt" in run(program("systemd-analyze"), "verify", "--man=no", slip).stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_is_as_closed_as_the_page_says(name):
    (most,) = re.findall(r"rates\s+them ([0-9.]+) of 10", text_of("docs/running.md"))
    rate = ["security", "--offline=true", f"--threshold={round(float(most) * 10)}", "--no-pager"]
    said = run(program("systemd-analyze"), *rate, DEPLOY / "systemd" / name)
    assert said.returncode == 0, said.stdout[-200:]


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_gains_nothing_and_is_bounded(name):
    found = service(name)
    assert found["User"] in ("carillon", "carillon_backup")  # never who owns the tables
    for key, value in {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "CapabilityBoundingSet": "",
    }.items():
        assert found[key] == value
    assert found["MemoryMax"]


def test_workers_go_with_their_parent_and_a_failure_is_mended():
    found = service("carillon.service")
    assert (found["KillMode"], found["Restart"]) == ("mixed", "on-failure")
    assert found["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert int(found["TimeoutStopSec"]) > 9  # what `serve` takes with several workers
    assert (
        int(found["LimitNOFILE"]) * 4 // 5 > 10_000
    )  # CONNECTIONS, whose share of descriptors is four fifths


def test_each_unit_is_on_the_page():
    page = text_of("docs/running.md")
    assert [name for name in UNITS if name.removesuffix(".service").removesuffix(".timer") not in page] == []
