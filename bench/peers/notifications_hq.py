"""django-notifications-hq, the inbox that most people take: from its own lock, with the newest Django that it runs
on, in a process and on a database of its own. It leaves out order, the chain of the log, reasons and live frames."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.ground import Ground
from servers.carillon import ROOT

NAME = "django-notifications-hq"
LOCK = Path(__file__).parent / "requirements.txt"
INSTALLED = ROOT / "var" / "peers"
STAMP = INSTALLED / ".lock"
DATABASE = "peers"


def measure(own: Ground, recipients: Sequence[int], record: Callable[..., None]) -> None:
    """Records a row for each number of recipients; one without figures when it cannot be installed."""
    installed = install()
    for count in recipients:
        record(
            "write",
            NAME,
            count,
            **(_written(own, count) if installed else {"ms": math.inf, "cpu_ms": math.inf}),
        )


def install() -> bool:
    """What the lock names, unless it is there already. False when that fails: there may be no network."""
    if STAMP.exists() and STAMP.read_bytes() == LOCK.read_bytes():
        return True
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--upgrade"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(INSTALLED), "-r", str(LOCK)]
    if subprocess.run(command, capture_output=True).returncode:
        return False
    STAMP.write_bytes(LOCK.read_bytes())
    return True


def _written(own: Ground, count: int) -> dict[str, float]:
    parts = urlsplit(own.postgres.url)
    with psycopg.connect(own.postgres.url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(parts._replace(path=DATABASE)),
        "DJANGO_SETTINGS_MODULE": "bench.peers.settings",
        "PYTHONPATH": str(INSTALLED),
    }
    command = [sys.executable, "-m", "bench.peers.notify", str(count)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)
