"""The product itself, as it runs in production."""

import os
import resource
import sys
from collections.abc import Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from servers.process import ServerProcess

ROOT = Path(__file__).parent.parent


class UvicornServer(ServerProcess):
    """`manage.py serve` with an environment of its own: the product as it runs in production."""

    name = "carillon"

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        workers: int = 1,
        descriptors: int | None = None,
    ) -> None:
        super().__init__(directory)
        self.environment = environment
        self.workers = workers
        self.descriptors = descriptors  # that it may have; None: as many as we

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers)]
        return [sys.executable, "manage.py", "serve", *options]

    def popen_options(self) -> dict[str, Any]:
        own = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}
        environment = os.environ | own | dict(self.environment)
        environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        options: dict[str, Any] = {"cwd": ROOT, "env": environment}
        return options | (
            {"preexec_fn": partial(_limit_descriptors, self.descriptors)} if self.descriptors else {}
        )

    def is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _limit_descriptors(number: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))
