"""The naive sockets as a child process, started and stopped like the product in servers."""

import sys
from typing import Any

from servers import UvicornServer


class NaiveServer(UvicornServer):
    """Plain uvicorn with its own defaults."""

    name = "naive"

    def command(self) -> list[str]:
        options = [
            "--port",
            str(self.port),
            "--workers",
            str(self.workers),
            "--lifespan",
            "off",
            "--no-access-log",
        ]
        return [sys.executable, "-m", "uvicorn", "bench.naive.asgi:application", *options]

    def popen_options(self) -> dict[str, Any]:
        options = super().popen_options()
        options["env"]["DJANGO_SETTINGS_MODULE"] = "bench.naive.settings"
        return options
