"""`partition_tables`: once, on PostgreSQL, with the rights that were given; and it says what it will do."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from events import append_only
from inbox.models import Notification
from operations import partitions
from servers.partitions import parts_wanted
from tests.audits import audit
from tests.tasks.acme import comment, new_task

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(parts_wanted()), reason="everything is split already"),
]
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite splits nothing")


def refused(*arguments):
    with pytest.raises(CommandError) as error:
        call_command("partition_tables", *arguments)
    assert error.value.returncode == 2
    return str(error.value)


@pytest.mark.first
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="of SQLite")
def test_not_on_sqlite(db):
    assert refused().startswith("SQLite has no partitioned tables")


@on_postgresql
class TestOnPostgreSQL:
    def test_split_once_with_every_key_trigger_and_right(self, acme):
        comment(new_task(acme, actor=acme.alice), "Hm.", actor=acme.bob)
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE carillon_reader")
            cursor.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO carillon_reader")
            cursor.execute("GRANT SELECT ON inbox_notification TO carillon_reader")
            before = keys(cursor)
            told = Notification.objects.count()
            call_command("partition_tables", "--parts=3")
            assert keys(cursor) == before
            cursor.execute("SELECT has_table_privilege('carillon_reader', 'inbox_notification', 'SELECT')")
            assert cursor.fetchone() == (True,)
            cursor.execute(
                "SELECT has_table_privilege('carillon_reader', 'inbox_notification_0', 'SELECT'), "
                "has_table_privilege('carillon_reader', 'inbox_notification_0', 'DELETE')"
            )
            assert cursor.fetchone() == (True, False), (
                "a dump reads it; a statement that names it would pass triggers"
            )
            cursor.execute(
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'inbox_notification'::regclass"
            )
            assert cursor.fetchone() == (3,)
        assert Notification.objects.count() == told > 0
        assert append_only.missing_triggers(connection) == []
        comment(new_task(acme, actor=acme.alice), "Goes on.", actor=acme.bob)
        assert "nothing is wrong" in audit()
        assert refused() == "The tables are split already."

    def test_a_dry_run_changes_nothing(self, db, capsys):
        call_command("partition_tables", "--dry-run", "--parts=2")
        shown = capsys.readouterr().out
        assert shown.startswith("BEGIN;\nLOCK TABLE events_taskevent, ")
        assert "PARTITION BY HASH (recipient_id);" in shown
        assert not partitions.is_split()

    def test_too_little_room(self, db, monkeypatch):
        monkeypatch.setattr("operations.management.commands.partition_tables.bytes_free", lambda: 10)
        assert refused().endswith(" bytes more, and 10 are free.")

    @pytest.mark.parametrize("parts", ["1", "1025"])
    def test_too_few_or_many_parts(self, db, parts):
        assert refused(f"--parts={parts}") == "--parts takes a number from 2 to 1024."


def keys(cursor):
    """Names and definitions of what the tables themselves have, not of parts; checks are written anew."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, "
        "CASE contype WHEN 'c' THEN '' ELSE pg_get_constraintdef(oid) END FROM pg_constraint "
        "WHERE conrelid::regclass::text = ANY(%s) AND contype <> 'n' AND conparentid = 0 "
        "UNION ALL SELECT indrelid::regclass::text, indexrelid::regclass::text, "
        "replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') "
        "FROM pg_index WHERE indrelid::regclass::text = ANY(%s)",
        [[*partitions.BY]] * 2,
    )
    return sorted(cursor.fetchall())
