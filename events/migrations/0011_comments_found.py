"""What happened to one comment is found without reading its stream. On PostgreSQL the index is built while people go on
writing, but for a table that was partitioned, where that is not to be had."""

import events.models
from django.db import migrations, models
from django.db.models.lookups import IsNull

INDEX = """INDEX {how} event_of_comment ON events_taskevent (stream_id, (CAST((details ->> 'comment') AS text)))
WHERE CAST((details ->> 'comment') AS text) IS NOT NULL"""


def build(apps, schema_editor):
    how = "CONCURRENTLY" if _of_one_piece(schema_editor.connection) else ""
    schema_editor.execute("DROP INDEX IF EXISTS event_of_comment")  # of an interrupted try
    schema_editor.execute("CREATE " + INDEX.format(how=how))


def drop(apps, schema_editor):
    schema_editor.execute("DROP INDEX IF EXISTS event_of_comment")


def _of_one_piece(connection):
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind = 'r' FROM pg_class WHERE oid = 'events_taskevent'::regclass")
        return cursor.fetchone()[0]


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("events", "0010_saves"),
    ]

    operations = [
        migrations.RunPython(build, drop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    "taskevent",
                    models.Index(
                        models.F("stream_id"),
                        events.models.said_of("comment"),
                        condition=models.Q(IsNull(events.models.said_of("comment"), False)),
                        name="event_of_comment",
                    ),
                )
            ]
        ),
    ]
