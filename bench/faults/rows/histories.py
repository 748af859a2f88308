"""Rows in which the log is set back under running servers, or another installation speaks beside ours."""

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
from django.db import connection

from bench.faults.children import WriterProcess
from bench.faults.row import row
from bench.faults.scene import RATE, Scene
from bench.faults.stage import Stage
from servers import Postgres, Standby

RESTORES = 4  # tries that may meet a deadlock


@row(
    fault="a backup restored under running servers, with `pg_restore --clean --single-transaction`",
    expected="every socket starts anew and shows exactly the log that is there; no process is restarted",
    naive="its sockets are told nothing: what is gone stays on their pages",
)
def restored_while_serving(scene: Scene) -> None:
    set_back(scene)
    scene.note(f"{scene.seen.resets()} times a socket started anew")


def set_back(scene: Scene) -> None:
    """Write, save, write, restore what was saved, write."""
    postgres, backup = _postgres(scene.stage), scene.directory / "backup"
    with scene.writing():
        scene.wait(scene.seconds / 4)
    _run(postgres, "pg_dump", "--format=custom", f"--file={backup}", postgres.url)
    with scene.writing():
        scene.wait(scene.seconds / 4)
    scene.about_to_fork()
    _close_our_own()
    _restore(postgres, backup)
    _give_other_ids(postgres.url)
    with scene.writing():
        scene.wait(scene.seconds / 2)
    scene.finish()


def _restore(postgres: Postgres, backup: Path) -> None:
    """All or nothing: whoever reads or follows meanwhile waits, or is in its way, and then it is tried again."""
    options = ["--clean", "--single-transaction", f"--dbname={postgres.url}", str(backup)]
    for _ in range(RESTORES):
        with suppress(subprocess.CalledProcessError):
            _run(postgres, "pg_restore", *options)
            return
    _run(postgres, "pg_restore", *options)


@contextmanager
def with_standby(stage: Stage) -> Iterator[Stage]:
    """A standby that follows by streaming, and addresses that name both."""
    primary = _postgres(stage)
    ours, settings = connection.settings_dict.copy(), connection.settings_dict
    _close_our_own()
    primary.stop()
    primary.has_standby = True
    primary.start()
    try:
        directory = stage.directory / f"standby-{len(list(stage.directory.iterdir()))}"
        directory.mkdir()
        with Standby(directory, primary) as standby:
            ports = f"{primary.port},{standby.port}"
            url = f"postgres://postgres@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/postgres"
            settings |= {"HOST": "127.0.0.1,127.0.0.1", "PORT": ports}
            settings["OPTIONS"] = ours["OPTIONS"] | {"target_session_attrs": "read-write"}
            both = {"DATABASE_URL": f"{url}?target_session_attrs=read-write"}
            yield replace(stage, environment=dict(stage.environment) | both, standby=standby)
    finally:
        _close_our_own()
        settings |= ours
        if primary.is_running:
            primary.stop()
        primary.has_standby = False
        primary.start()


@row(
    fault="PostgreSQL killed, and a standby takes over that lacks the newest events",
    expected="every socket starts anew and shows exactly the log that is there; no process is restarted",
    naive="its sockets are told nothing: what is gone stays on their pages",
    set_up=with_standby,
)
def failover_with_loss(scene: Scene) -> None:
    standby, primary = scene.stage.standby, _postgres(scene.stage)
    assert standby, "set up"
    with scene.writing():
        scene.wait(scene.seconds / 4)
    standby.cut_off()
    with scene.writing():
        scene.wait(scene.seconds / 4)
    scene.about_to_fork()
    primary.kill()
    standby.take_over()
    _give_other_ids(standby.url)
    _close_our_own()
    scene.wait(2)
    with scene.writing():
        scene.wait(scene.seconds / 2)
    scene.finish()
    scene.note(f"{scene.seen.resets()} times a socket started anew")


@row(
    fault="another installation on the same Redis, restored from our backup, that goes on in its own way",
    expected="our sockets hear nothing of it, and miss nothing of ours",
    naive="its groups have the same names, so its sockets show what the other one writes",
    layers=("redis",),
)
def foreign_installation(scene: Scene) -> None:
    postgres = _postgres(scene.stage)
    copy = f"copy_{scene.directory.name.replace('-', '_')}"
    with scene.writing():
        scene.wait(2)
    with closing(psycopg.connect(postgres.url, autocommit=True)) as raw:
        raw.execute(f"CREATE DATABASE {copy}")
    url = f"{postgres.url.rpartition('/')[0]}/{copy}"
    backup = scene.directory / "backup"
    _run(postgres, "pg_dump", "--format=custom", f"--file={backup}", postgres.url)
    _run(postgres, "pg_restore", f"--dbname={url}", str(backup))
    _give_other_ids(url)
    directory = scene.directory / "their-writer"
    directory.mkdir()
    theirs = dict(scene.environment) | {"DATABASE_URL": url}
    with WriterProcess(scene.world.targets, theirs, directory) as writer:
        writer.rate(RATE)
        scene.wait(scene.seconds / 4)  # while we write nothing, each of theirs follows on our log
        with scene.writing():
            scene.wait(scene.seconds / 2)
        writer.rate(0)
        written = sum(len(each.positions) for each in writer.writes())
    scene.finish()
    scene.expect(written > 0, "the other installation writes")
    scene.note(f"the other one wrote {written} events")


def _postgres(stage: Stage) -> Postgres:
    assert stage.postgres, "a row for a PostgreSQL of our own"
    return stage.postgres


def _close_our_own() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _run(postgres: Postgres, program: str, *arguments: str) -> None:
    subprocess.run([postgres.programs / program, *arguments], check=True)


def _give_other_ids(url: str) -> None:
    """So that an event that was lost, or another installation's, is never taken for one of ours."""
    with closing(psycopg.connect(url, autocommit=True)) as raw:
        raw.execute(
            "SELECT setval(pg_get_serial_sequence('events_taskevent', 'id'), 10000000 + random(1, 1000000))"
        )
