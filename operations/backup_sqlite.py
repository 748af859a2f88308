"""Copies an SQLite database by SQLite's own backup, while others write, and puts a copy in the place of what is
there."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection
from tqdm import tqdm

from base.durable import flush
from operations.backup_folder import cannot

PAGES = 2_000  # copied between two steps of the bar
PATIENCE = 10.0  # seconds for whoever writes just now


def database() -> Path:
    return Path(connection.settings_dict["NAME"])


def dump(target: Path) -> None:
    """Write a copy of one moment, in one file, and flush it. Raises CommandError."""
    try:
        with closing(_open(database(), "ro")) as source, closing(sqlite3.connect(target)) as copy:
            source.execute("BEGIN")
            source.execute(
                "SELECT count(*) FROM sqlite_master"
            ).fetchone()  # from here on it reads this moment
            _copy(source, copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise cannot(f"SQLite made no backup: {error}.") from error
    flush(target)


def holds_something() -> bool:
    if not database().exists():
        return False
    with closing(_open(database(), "ro")) as there:
        return bool(there.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


@contextmanager
def restoring() -> Iterator[None]:
    """Let go of the file: SQLite itself lets one write at a time."""
    connection.close()
    yield


def restore(source: Path, then: list[str]) -> None:
    """Put the copy, with what the statements of `then` change in it, in the place of everything that is there, in one
    transaction of SQLite's. Raises CommandError; nothing is changed then."""
    target, is_new = database(), not database().exists()
    try:
        with tempfile.TemporaryDirectory(prefix=".carillon-restore-", dir=target.parent) as directory:
            prepared = _prepared(source, Path(directory), then)
            with (
                closing(_open(prepared, "ro")) as copy,
                closing(sqlite3.connect(target, timeout=PATIENCE)) as there,
            ):
                there.execute("PRAGMA synchronous=FULL")  # by SQLite alone: see below
                _copy(copy, there)
                there.execute("PRAGMA journal_mode=WAL")
    except (sqlite3.Error, OSError) as error:
        if is_new:
            target.unlink(missing_ok=True)
        words = getattr(error, "strerror", None) or str(error)
        raise cannot(f"Nothing was restored: {words.rstrip('.')}.") from error
    # Not the file: to open and close it would take away the locks that this process has on it, and whoever closes it
    # next elsewhere would delete the write-ahead log under our connections.
    flush(target.parent)


def _prepared(source: Path, directory: Path, then: list[str]) -> Path:
    prepared = directory / source.name
    shutil.copyfile(source, prepared)
    with closing(sqlite3.connect(prepared)) as copy:
        (wrong,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if wrong != "ok":
            raise cannot(f"{source} is no sound database: {wrong}. Nothing was restored.")
        for statement in then:
            copy.execute(statement)
        copy.commit()
    return prepared


@contextmanager
def scratch_database(name: str) -> Iterator[None]:
    """Let everything go on in a file that is deleted at the end."""
    own = connection.settings_dict["NAME"]
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as directory:
        try:
            _turn_to(str(Path(directory) / "database.sqlite3"))
            yield
        finally:
            _turn_to(own)


def _turn_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=PATIENCE, isolation_level=None
    )


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    with tqdm(desc="Copied", unit=" pages", disable=None, leave=False) as bar:

        def show(_: int, left: int, total: int) -> None:
            bar.total = total
            bar.update(total - left - bar.n)

        source.backup(target, pages=PAGES, progress=show, sleep=0.25)
