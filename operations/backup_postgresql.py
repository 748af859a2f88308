"""Dumps PostgreSQL by its own programs, and restores it in one transaction."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from tqdm import tqdm

from base.durable import flush
from operations.backup_folder import cannot
from operations.postgresql_programs import Programs, environment, error_file, first_error

TRIES = 5  # of a restore that meets a deadlock with who works meanwhile
CHUNK = 1 << 20
LOCK = 0x6361_7269_6C6C_6F6E  # of the database, while something is restored into it

_EMPTY = """
DO $$ DECLARE named text; BEGIN
    SELECT string_agg(oid::regclass::text, ', ' ORDER BY oid) INTO named FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition;
    IF named IS NOT NULL THEN EXECUTE 'DROP TABLE ' || named || ' CASCADE'; END IF;
    SELECT string_agg(oid::regclass::text, ', ' ORDER BY oid) INTO named FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
    IF named IS NOT NULL THEN EXECUTE 'DROP SEQUENCE ' || named || ' CASCADE'; END IF;
    SELECT string_agg(oid::regprocedure::text, ', ' ORDER BY oid) INTO named FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e');
    IF named IS NOT NULL THEN EXECUTE 'DROP FUNCTION ' || named || ' CASCADE'; END IF;
END $$"""


def dump(programs: Programs, target: Path) -> None:
    """Write a dump of one moment and flush it. Raises CommandError."""
    options = ["--format=custom", "--no-password", f"--file={target}"]
    with (
        error_file() as errors,
        tqdm(desc="Dumped", unit="B", unit_scale=True, disable=None, leave=False) as bar,
    ):
        command = [programs.find("pg_dump"), *options]
        with subprocess.Popen(command, env=environment(), stderr=errors) as run:  # noqa: S603
            _show_growth(run, target, bar)
        if run.returncode:
            raise cannot(f"pg_dump made no backup: {first_error(errors, run.returncode)}.")
    flush(target)


def _show_growth(run: subprocess.Popen[bytes], target: Path, bar: "tqdm[Any]") -> None:
    try:
        while run.poll() is None:
            bar.update((target.stat().st_size if target.exists() else 0) - bar.n)
            try:
                run.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    except BaseException:
        run.terminate()
        raise


def holds_something() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') LIMIT 1"
        )
        return cursor.fetchone() is not None


@contextmanager
def restoring() -> Iterator[None]:
    """Let nobody else restore into this database meanwhile. Raises CommandError where somebody does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise cannot("Another restore into this database runs. Nothing was changed.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def restore(programs: Programs, source: Path, then: list[str], *, owners: bool) -> None:
    """Put the dump in the place of everything that is there, and run the statements of `then`, in one transaction. Who
    works meanwhile waits, or is in its way, and then it is tried again. Raises CommandError; nothing is changed then.
    """
    for left in reversed(range(TRIES)):
        error = _restore(programs, source, then, owners=owners)
        if error is None:
            return
        if "deadlock" not in error or not left:
            raise cannot(f"Nothing was restored: {error}.{_advice(error)}")
        time.sleep(0.2)


def _restore(programs: Programs, source: Path, then: list[str], *, owners: bool) -> str | None:
    """Hand what pg_restore reads to psql. Returns what went wrong."""
    read = [
        programs.find("pg_restore"),
        "--file=-",
        *([] if owners else ["--no-owner", "--no-privileges"]),
        str(source),
    ]
    write = [programs.find("psql"), "--no-psqlrc", "--quiet", "--no-password", "--single-transaction"]
    write += ["--set=ON_ERROR_STOP=1", "--output=/dev/null", f"--command={_EMPTY}", "--file=-"]
    write += [f"--command={statement}" for statement in then]
    own = environment()
    with (
        error_file() as reading,
        error_file() as writing,
        subprocess.Popen(read, env=own, stdout=subprocess.PIPE, stderr=reading) as reader,  # noqa: S603
        subprocess.Popen(write, env=own, stdin=subprocess.PIPE, stderr=writing) as writer,  # noqa: S603
    ):
        try:
            _pump(reader, writer)
        finally:
            reader.kill()
            if reader.wait() and writer.poll() is None:
                writer.kill()  # at the end of its input it would commit what has come so far
        if writer.wait() > 0:
            return first_error(writing, writer.returncode)
        return first_error(reading, reader.returncode) if reader.returncode or writer.returncode else None


def _pump(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes]) -> None:
    """Hand on all of it; the writer's input ends only once the reader says that it has read everything."""
    if reader.stdout is None or writer.stdin is None:
        return
    with tqdm(desc="Restored", unit="B", unit_scale=True, disable=None, leave=False) as bar:
        try:
            while some := reader.stdout.read(CHUNK):
                writer.stdin.write(some)
                writer.stdin.flush()  # nothing is left to be written where it is ended
                bar.update(len(some))
            if reader.wait() == 0:
                writer.stdin.close()
                writer.wait()
        except BrokenPipeError:
            writer.wait()  # it says why
            writer.stdin = None


def _advice(error: str) -> str:
    if "role" in error and "does not exist" in error:
        return " Make the role, or let everything be owned by who restores: --no-owner."
    return ""


@contextmanager
def scratch_database(name: str) -> Iterator[None]:
    """Let everything go on in a new database of the same server, which is dropped at the end. Raises CommandError where
    the role may make none."""
    quoted = connection.ops.quote_name(name)
    own = connection.settings_dict["NAME"]
    _alone(
        f"CREATE DATABASE {quoted} TEMPLATE template0", "The role may make no database to try the backup in"
    )
    try:
        _turn_to(name)
        yield
    finally:
        _turn_to(own)
        _alone(f"DROP DATABASE {quoted} WITH (FORCE)", f"The database {name} could not be dropped")


def _turn_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _alone(statement: str, otherwise: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        raise cannot(
            f"{otherwise}: {str(error).strip()}. (Restore it elsewhere with `restore --into`.)"
        ) from error
