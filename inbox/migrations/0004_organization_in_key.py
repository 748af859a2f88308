"""The organization stands in the key of notifications, on PostgreSQL: it is built while people go on, and takes the
place of the other one at once. Django knows a notification by its recipient and its event, on both databases."""

from django.db import migrations


def _exchange(schema_editor, columns):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS notification_key")
        schema_editor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY notification_key ON inbox_notification ({columns})")
        schema_editor.execute(
            "ALTER TABLE inbox_notification DROP CONSTRAINT inbox_notification_pkey, "
            "ADD CONSTRAINT inbox_notification_pkey PRIMARY KEY USING INDEX notification_key"
        )


def forwards(apps, schema_editor):
    _exchange(schema_editor, "recipient_id, event_id, organization_id")


def backwards(apps, schema_editor):
    _exchange(schema_editor, "recipient_id, event_id")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("inbox", "0003_states"),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
