"""The release before on the database of this one: its own tests of writing, on a PostgreSQL that this working copy has
migrated."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from bench.releases.making import run
from servers import database_and_layer

# Commands of tasks, delivery and marks, members and invitations, accounts, the search, what leaves: those that exist.
TESTS = (
    "tests/tasks/test_services.py",
    "tests/tasks/test_comments.py",
    "tests/tasks/test_labels.py",
    "tests/tasks/test_erasure.py",
    "tests/inbox/test_deliver.py",
    "tests/inbox/test_services.py",
    "tests/inbox/test_marks.py",
    "tests/inbox/test_snoozed.py",
    "tests/membership/test_services.py",
    "tests/membership/test_inviting.py",
    "tests/accounts/test_first_visit.py",
    "tests/accounts/test_signing_up.py",
    "tests/accounts/test_closing.py",
    "tests/followers/test_batches.py",
    "tests/outbound/test_gathering.py",
    "tests/outbound/test_sending.py",
    "tests/preferences/test_services.py",
)
NAME = "test_postgres"  # as pytest-django calls it beside `postgres`
# What made every write of a server that ran fail: Django takes the default away as soon as the rows have it.
BAD = (
    "ALTER TABLE inbox_notification ADD COLUMN points integer DEFAULT 0 NOT NULL",
    "ALTER TABLE inbox_notification ALTER COLUMN points DROP DEFAULT",
)


def release_before() -> str:
    """Give the commit of the last release: its tag, or where it was written down what is released."""
    if tags := run("git", "tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname"):
        return tags.splitlines()[0]
    return run("git", "log", "-1", "--format=%H", "--", "schema/released_migrations.txt")


def holds(commit: str, statements: tuple[str, ...] = ()) -> bool:
    """Say whether that release's tests pass. `statements`: what is done to the database beside migrating it."""
    with tempfile.TemporaryDirectory(prefix="carillon-before-") as name, database_and_layer(1) as own:
        folder = Path(name)
        run("git", "archive", f"--output={folder / 'tree.tar'}", commit)
        run("tar", "--extract", "--file", folder / "tree.tar", "--directory", folder)
        with psycopg.connect(own["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {NAME}")
        url = own["DATABASE_URL"].rpartition("/")[0] + f"/{NAME}"
        settings = {"DEBUG": "1", "DATABASE_URL": url}
        run(sys.executable, "manage.py", "migrate", "--verbosity", "0", **settings)
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
        tests = [test for test in TESTS if (folder / test).exists()]
        options = ["-x"] if statements else []
        options += ["-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not once and not browser"]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        return subprocess.run(command, cwd=folder, env=os.environ | own, check=False).returncode == 0


def test_before(commit: str) -> int:
    """Run them, and see that they would notice a column that the release before does not fill."""
    commit = commit or release_before()
    print(f"The tests of writing of {run('git', 'log', '-1', '--format=%h %s', commit)}", flush=True)
    if not holds(commit):
        return 1
    print("The same with a column that has no default: they have to fail.", flush=True)
    return 1 if holds(commit, BAD) else 0
