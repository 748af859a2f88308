"""`deploy/carillon` runs each command as the user whose role it needs, and of the release that is asked for."""

import os
import subprocess

import pytest

from base.release import ROOT

pytestmark = pytest.mark.once


@pytest.fixture
def carillon(tmp_path):
    """Give the script, with its settings here, that says what it would run."""
    (tmp_path / "carillon.env").touch()
    script = (ROOT / "deploy" / "carillon").read_text()
    (tmp_path / "carillon").write_text(
        script.replace("/etc/carillon", str(tmp_path)).replace("exec runuser", "echo")
    )

    def run(*arguments, **environment):
        command = ["/bin/sh", str(tmp_path / "carillon"), *arguments]
        return subprocess.run(
            command, env=os.environ | environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    return run


@pytest.mark.parametrize(
    "command, user",
    [
        ("migrate", "carillon_owner"),
        ("restore", "carillon_owner"),
        ("archive_log", "carillon_owner"),
        ("erase_in_archive", "carillon_owner"),
        ("partition_tables", "carillon_owner"),
        ("backup", "carillon_backup"),
        ("verify_backup", "carillon_backup"),
        ("audit_history", "carillon"),
        ("doctor", "carillon"),
    ],
)
def test_the_user_of_a_command(carillon, command, user):
    assert carillon(command, "x y") == f"-u {user} -- /opt/carillon/current/bin/carillon {command} x y"


def test_another_user_and_another_release(carillon):
    said = carillon("migrate", AS="carillon", RELEASE="/opt/carillon/releases/carillon-0.1.1")
    assert said == "-u carillon -- /opt/carillon/releases/carillon-0.1.1/bin/carillon migrate"
