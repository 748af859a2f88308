"""One run: real PostgreSQL and Redis, the sections asked for in their order, the figures kept after each step."""

import os
import secrets
import tempfile
from pathlib import Path

import django
from tqdm import tqdm

from bench.figures import Figures
from bench.plan import Plan
from tests.servers import Postgres, Redis

BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}] {desc}"


def run(plan: Plan, chosen: list[str], figures: Figures) -> None:
    """Measures these sections of the plan into `figures`."""
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as path:
        directory = Path(path)
        with Postgres(directory) as postgres, Redis(directory) as redis:
            _point_django_at(postgres, redis)
            _measure(plan, chosen, figures, directory, redis.pid)


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


def _measure(plan: Plan, chosen: list[str], figures: Figures, directory: Path, redis_pid: int) -> None:
    from bench import sqlite_writes, writes
    from bench.about import about
    from bench.delivery import Delivery, setting_for, systems_in
    from bench.systems.bare import node_is_missing

    missing = node_is_missing()
    figures.go_on(about(os.environ["DATABASE_URL"], os.environ["REDIS_URL"]), [missing] if missing else [])
    with setting_for({plan.sockets(name) for name in chosen} - {0}, directory) as setting:
        delivery = Delivery(plan, setting, systems_in(setting, node=not missing), redis_pid, figures.record)
        steps = {
            **delivery.sections(),
            "writing": writes.steps(setting.scribe, plan, figures.record),
            "sqlite": sqlite_writes.steps(directory, plan, figures.record),
        }
        try:
            _do({name: list(steps[name]) for name in plan.sections if name in chosen}, figures)
        finally:
            delivery.disperse()


def _do(sections: dict[str, list], figures: Figures) -> None:
    with tqdm(total=sum(map(len, sections.values())), unit="step", bar_format=BAR) as bar:
        for name, steps in sections.items():
            figures.begin(name)
            for label, step in steps:
                bar.set_description_str(f"{name}: {label}")
                step()
                figures.save()
                bar.update()
