"""Whether a release works that was just unpacked: its version, an empty database, pages, a socket, the audit."""

import re
import secrets
import tempfile
from pathlib import Path
from typing import Any

from bench.releases.making import archive, installed, run
from servers import UvicornServer

# Run by the release's own Python: people of the demo sign in.
SOCKET = """
import asyncio, json, sys, django
django.setup()
from django.conf import settings
from django.test import Client
from websockets.asyncio.client import connect
from orgs.models import User
client = Client()
client.force_login(User.objects.get(username="bob"), "accounts.backends.Backend")
cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
async def hear():
    headers = {"Cookie": cookie, "Origin": sys.argv[1].replace("ws", "http", 1)}
    async with connect(sys.argv[1] + "/ws/orgs/acme/notifications/", additional_headers=headers) as socket:
        print(json.loads(await asyncio.wait_for(socket.recv(), 30))["type"])
asyncio.run(hear())
"""


class ReleaseServer(UvicornServer):
    """`carillon serve` of the release that a link leads to; `link` is the class's."""

    link: Path
    of_release = 1

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.workers = max(self.workers, self.of_release)

    def command(self) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers)]
        return [str(self.link / "bin" / "carillon"), "serve", *options]


def try_release() -> None:
    """Raises AssertionError where it does not work."""
    with tempfile.TemporaryDirectory(prefix="carillon-release-") as name:
        folder = Path(name)
        made = archive(Path("var/release"))
        again = archive(folder)
        assert made.read_bytes() == again.read_bytes(), "the same commit gives other bytes"
        (folder / "releases").mkdir()
        release = installed(made, folder / "releases")
        link = folder / "current"
        link.symlink_to(release)
        carillon = link / "bin" / "carillon"
        own = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": f"sqlite:///{folder}/carillon.sqlite3",
            "HTTPS": "0",
            "DEBUG": "0",
            "REDIS_URL": "",
        }
        print(version := run(carillon, "version"))
        assert re.fullmatch(r"Carillon [\d.]+ \(commit [0-9a-f]{12}, .*\)", version)
        for part in ("tests", "bench", "servers", "schema", "Makefile", "pyproject.toml"):
            assert not (release / part).exists(), part
        run(carillon, "migrate", "--verbosity", "0", **own)
        run(carillon, "seed_demo", **own)
        ReleaseServer.link = link
        with ReleaseServer(folder, own) as server:  # ready when /healthz says so
            python = link / ".venv" / "bin" / "python"
            at = {"PYTHONPATH": str(release), "DJANGO_SETTINGS_MODULE": "config.settings"}
            heard = run(python, "-c", SOCKET, server.ws_url, **own, **at)
            assert heard == "welcome", heard
        print(run(carillon, "audit_history", **own).splitlines()[-1])
        print(f"{made.name}, {made.stat().st_size / 1024**2:.1f} MiB: it works.")
