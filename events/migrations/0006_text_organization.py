"""A text knows its organization. Where the database already has triggers, the new ones come with the column: they fill
it for the processes of an older release that go on meanwhile (PostgreSQL)."""

import django.db.models.deletion
from django.db import migrations, models

from events import append_only


def renew_triggers(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = 'event_append_only'")
            are_there = cursor.fetchone()
        if are_there:
            append_only.install(connection)


def remove_triggers(apps, schema_editor):
    append_only.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("events", "0005_past_erasures"),
        ("orgs", "0007_name_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="eventtext",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orgs.organization",
            ),
        ),
        migrations.RunPython(renew_triggers, remove_triggers),
    ]
