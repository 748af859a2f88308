"""The demo data behind a real server, in a place of its own: for pictures of the product and for other browsers."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.carillon import ROOT, UvicornServer

PASSWORD = "demo"


@contextmanager
def demo_server(**more: str) -> Iterator[UvicornServer]:
    """Serve the demo data from a throw-away SQLite database; `more` stands in the server's environment too."""
    with tempfile.TemporaryDirectory(prefix="carillon-") as name:
        environment = {
            "DATABASE_URL": f"sqlite:///{name}/demo.sqlite3",
            "SECRET_KEY": "a-key-for-pictures-of-the-demo-and-nothing-else",
            "DEBUG": "0",
            "HTTPS": "0",
            "MAIL_URL": "mailbox:",
            "STAFF_SECOND_FACTOR": "0",
            "KEEP_NOTIFICATIONS_DAYS": "365",
            **more,
        }
        for command in (["migrate", "--verbosity", "0"], ["seed_demo"]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=os.environ | environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
                stdout=subprocess.DEVNULL,
                check=True,
            )
        with UvicornServer(Path(name), environment) as server:
            yield server
