"""What a run stood on: the machine and the versions."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psycopg
from redis import Redis

PACKAGES = ("django", "channels", "channels-redis", "uvicorn", "websockets")


def about(database_url: str, redis_url: str) -> dict[str, str]:
    with psycopg.connect(database_url) as database, Redis.from_url(redis_url) as redis:
        servers = {
            "PostgreSQL": str(database.info.parameter_status("server_version")),
            "Redis": redis.info("server")["redis_version"],
        }
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        **servers,
        **{name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()
