"""One whole run: real PostgreSQL and Redis, every part, each row with the part it belongs to."""

import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import django
from tqdm import tqdm

from bench.plan import Plan
from bench.processes import unpin
from tests.servers import Postgres, Redis

SQLITE = "Carillon, 8 threads on SQLite"

Row = dict[str, Any]


def run(plan: Plan) -> dict[str, Any]:
    """Everything that the report needs, ready for JSON."""
    rows: list[Row] = []

    def record(part: str, system: str, size: int, **values: Any) -> None:
        rows.append({"part": part, "system": system, "size": size, **values})

    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as path:
        directory = Path(path)
        with Postgres(directory) as postgres, Redis(directory) as redis:
            _point_django_at(postgres, redis)
            notes = _measure(plan, directory, redis.pid, record)
            about = _about(plan, postgres, redis)
    return {"about": about, "notes": notes, "rows": rows}


def _point_django_at(postgres: Postgres, redis: Redis) -> None:
    os.environ |= {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HTTPS": "0",
        "DEBUG": "0",
        "LOG_LEVEL": "WARNING",
    }
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _measure(plan: Plan, directory: Path, redis_pid: int, record: Callable[..., None]) -> list[str]:
    from bench import writes
    from bench.delivery import Delivery, setting_for, systems_in
    from bench.systems.bare import node_is_missing

    missing = node_is_missing()
    with setting_for(plan, directory) as setting:
        systems = systems_in(setting, node=missing is None)
        delivery = Delivery(plan, setting, systems, redis_pid, record)
        try:
            _do(delivery.steps())
        finally:
            delivery.disperse()
        unpin(0)
        unpin(redis_pid)
        written = writes.steps(setting.scribe, plan.recipients, plan.repetitions, record)
        _do(chain(written, _sqlite_steps(plan, directory, record)))
    return [missing] if missing else []


def _do(steps: Iterator[tuple[str, Callable[[], None]]]) -> None:
    listed = list(steps)
    with tqdm(
        total=len(listed), unit="step", bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}] {desc}"
    ) as bar:
        for label, step in listed:
            bar.set_description_str(label)
            step()
            bar.update()


def _sqlite_steps(
    plan: Plan, directory: Path, record: Callable[..., None]
) -> Iterator[tuple[str, Callable[[], None]]]:
    for turn in range(plan.repetitions):
        yield "8 threads on SQLite", lambda turn=turn: _sqlite(plan, directory / f"{turn}.sqlite3", record)


def _sqlite(plan: Plan, file: Path, record: Callable[..., None]) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{file}", "REDIS_URL": ""}
    command = [sys.executable, "-m", "bench.sqlite_writes", str(plan.sqlite_seconds)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    record("sqlite", SQLITE, 100, **json.loads(done.stdout))


def _about(plan: Plan, postgres: Postgres, redis: Redis) -> dict[str, str]:
    """Date, machine and versions."""
    import psycopg
    from redis import Redis as Connection

    with psycopg.connect(postgres.url) as connection:
        server = connection.info.parameter_status("server_version")
    packages = ("django", "channels", "channels-redis", "uvicorn", "websockets")
    return {
        "plan": plan.name,
        "repetitions": str(plan.repetitions),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "PostgreSQL": str(server),
        "Redis": Connection.from_url(redis.url).info("server")["redis_version"],
        **{name: version(name) for name in packages},
        **_node_versions(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _node_versions() -> dict[str, str]:
    from bench.systems.bare import NODE

    try:
        node = subprocess.run(
            ["node", "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except OSError:
        return {}
    packages = json.loads((NODE / "package.json").read_text())["dependencies"]
    return {"Node": node.lstrip("v"), **{f"npm {name}": number for name, number in packages.items()}}
