"""What all systems share: the database's people and places, one Redis, one event loop to publish from."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from bench.scribe import Scribe
from bench.world import Place


@dataclass
class Setting:
    environment: dict[str, str]  # of the server processes: DATABASE_URL, REDIS_URL, SECRET_KEY ...
    directory: Path  # for logs
    scribe: Scribe
    cookies: list[str]
    places: dict[tuple[str, int], Place]  # by a system's key and the number of people
    runner: asyncio.Runner
    redis: "redis.Redis"

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        self.runner.run(work)
