"""An installation and its copy are told apart, and the processes of one are not."""

import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from django.db import DatabaseError, connection

from realtime import installation
from servers import Postgres


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    monkeypatch.setattr(installation, "FRESH", 0)


@pytest.mark.django_db(transaction=True)
def test_every_connection_and_every_look_says_the_same():
    first = installation.identity()
    connection.close()
    assert installation.identity() == first == installation.known()


def test_a_copy_of_a_file_is_another_one(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "vendor", "sqlite")
    seen = set()
    for name in ("original", "copy"):
        file = tmp_path / name
        if name == "copy":
            shutil.copy2(tmp_path / "original", file)
        else:
            sqlite3.connect(file).execute("CREATE TABLE t (x)").connection.close()
        monkeypatch.setitem(connection.settings_dict, "NAME", file)
        seen.add(installation.identity())
    assert len(seen) == 2
    shutil.move(tmp_path / "copy", tmp_path / "moved")
    monkeypatch.setitem(connection.settings_dict, "NAME", tmp_path / "moved")
    assert installation.identity() in seen


def test_a_database_in_memory_is_this_processes_own(monkeypatch):
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", ":memory:")
    assert installation.identity() == installation.identity()


@pytest.mark.services
def test_a_copy_on_a_server_of_its_own_or_beside_the_original_is_another_one():
    """A copy of the files keeps everything that is in them; a copy by a template keeps everything but its number."""

    def identity(url: str) -> str:
        with psycopg.connect(url, autocommit=True) as raw:
            return installation.of_server(raw)

    with TemporaryDirectory(prefix="carillon-") as directory:
        with Postgres(Path(directory)) as original:
            with psycopg.connect(address(original, "template1"), autocommit=True) as raw:
                raw.execute("CREATE DATABASE beside TEMPLATE postgres")
            here, beside = (identity(address(original, name)) for name in ("postgres", "beside"))
            assert identity(original.url) == here
        with original:  # the same files under another server process
            assert len({here, beside, identity(original.url)}) == 3


@pytest.mark.services
@pytest.mark.django_db
def test_two_in_one_database_are_told_apart_by_their_schemas():
    seen = []
    for schema in ("public", "another", "public"):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            cursor.execute(f"SET LOCAL search_path TO {schema}")
        seen.append(installation.of_server(connection.connection))
    assert seen[0] == seen[2] != seen[1]


def address(server: Postgres, database: str) -> str:
    return f"{server.url.rpartition('/')[0]}/{database}"


@pytest.mark.django_db
def test_a_sender_without_a_database_says_what_is_known(monkeypatch):
    known = installation.identity()

    def away():
        raise DatabaseError

    monkeypatch.setattr(installation, "identity", away)
    assert installation.of_sender() == known
