"""The database refuses to rewrite history (events/append_only.py)."""

from django.db import migrations

from events import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection)


def remove(apps, schema_editor):
    append_only.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0002_texts_and_requests'),
    ]

    operations = [
        migrations.RunPython(install, remove),
    ]
