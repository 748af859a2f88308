"""PostgreSQL's own programs: found, of the server's version, told by their environment where to and as whom, never by a
command line, and heard when they fail."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.db import connection
from psycopg import pq

from operations.backup_folder import cannot


class Programs:
    """pg_dump, pg_restore and psql, of a directory or of PATH. Raises CommandError where one is missing, or older than
    the server."""

    def __init__(self, directory: str = "") -> None:
        self._directory = directory

    def find(self, name: str) -> str:
        found = shutil.which(name, path=self._directory or None)
        if found is None:
            raise cannot(
                f"{name} is not in {self._directory or 'PATH'}: install PostgreSQL's client programs, "
                "or say where they are with --programs DIR."
            )
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - one of ours
        words = said.split()
        version = words[2] if len(words) > 2 else "?"
        with connection.cursor():
            server: int = connection.pg_version // 10_000  # type: ignore[attr-defined]
        if not version.split(".")[0].rstrip("betarc").isdigit() or int(version.split(".")[0]) < server:
            raise cannot(
                f"{found} is of version {version}, and the server is PostgreSQL {server}: install the client programs "
                "of the server's version, or say where they are with --programs DIR."
            )
        return found


def environment() -> dict[str, str]:
    """Give the variables by which PostgreSQL's programs find the database that Django uses."""
    chosen = connection.get_connection_params()
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    ours = {name: str(chosen[key]) for key, name in names.items() if chosen.get(key) not in (None, "")}
    kept = {name: value for name, value in os.environ.items() if name not in names.values()}
    passed_on = ("PGPASSFILE", "PGPASSWORD", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSERVICEFILE")
    return kept | {name: os.environ[name] for name in passed_on if name in os.environ} | ours


@contextmanager
def error_file() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        yield file


def first_error(errors: IO[bytes], code: int) -> str:
    """Find the first error that a program told of, without its name in front."""
    errors.seek(0)
    lines = errors.read(100_000).decode(errors="replace").splitlines()
    told = next((line for line in lines if "error:" in line.lower()), lines[0] if lines else "")
    words = told.partition("ERROR:")[2] or told.partition("error:")[2] or told
    return words.strip().rstrip(".") or (f"ended by signal {-code}" if code < 0 else f"ended with {code}")
