"""What the commands on the history say where the database does not let them, and how they end."""

import os
import subprocess
import sys
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.utils import CursorWrapper

from events.chain import require_database
from events.findings import CHECKS
from tests.audits import audit
from tests.docs.documents import ROOT

COMMANDS = [
    ["audit_history"],
    ["export_head"],
    ["rebuild_tasks"],
    ["rebuild_inbox"],
    ["erase_user", "bob", "--yes"],
]
SENTENCES = {
    "no database": (
        "no database at all " * 400,
        "CommandError: The database cannot be used: file is not a database.\n",
    ),
    "an empty one": ("", "CommandError: The database is not up to date. Run: python manage.py migrate\n"),
}


def ended(arguments, database):
    environment = os.environ | {"DATABASE_URL": database}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("content", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_a_file_that_is_no_history_is_one_sentence_and_exit_code_2(tmp_path, content, sentence):
    file = tmp_path / "x.sqlite3"
    file.write_text(content)
    end = ended(["audit_history"], f"sqlite:///{file}")
    assert (end.returncode, end.stdout, end.stderr) == (2, "", sentence)


def test_a_server_that_is_away_is_too():
    end = ended(["audit_history"], "postgres://u:p@127.0.0.1:1/x")
    assert (end.returncode, end.stdout) == (2, "")
    assert end.stderr.startswith("CommandError: The database cannot be used: connection failed")
    assert end.stderr.count("\n") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_of_every_command(command, acme, monkeypatch):
    acme.bob  # noqa: B018

    def away(*_):
        raise OperationalError("server closed the connection unexpectedly\n\tThis probably means")

    monkeypatch.setattr(CursorWrapper, "execute", away)
    with pytest.raises(CommandError) as error:
        call_command(*command)
    assert str(error.value) == "The database cannot be used: server closed the connection unexpectedly."
    assert error.value.returncode == 2


@pytest.mark.django_db
def test_a_value_that_cannot_be_read_is_told_of_and_a_database_that_is_away_is_not(monkeypatch):
    error = OperationalError("Could not decode to UTF-8 column 'body'")
    require_database(error)
    require_database(DatabaseError("no"))
    monkeypatch.setattr(connection, "cursor", lambda: (_ for _ in ()).throw(OperationalError("away")))
    with pytest.raises(OperationalError, match="Could not decode"):
        require_database(error)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", range(4))
def test_a_server_that_goes_away_in_the_middle(transactional_db, acme, monkeypatch, place):
    if connection.vendor != "postgresql":
        pytest.skip("a file does not go away")

    def end(scope, bars):
        other = connection.copy()
        with closing(other), other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return iter(())

    monkeypatch.setattr(
        "events.management.commands.audit_history.CHECKS", [*CHECKS[:place], end, *CHECKS[place:]]
    )
    with pytest.raises(CommandError, match="The database cannot be used: ") as error:
        audit()
    assert error.value.returncode == 2
    connection.close()
