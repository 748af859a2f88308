"""From here on the database refuses to rewrite history (events/append_only.py). The triggers themselves come after the
last of the migrations: SQLite remakes no table of which another one's trigger speaks (events/apps.py)."""

from django.db import migrations

from events import append_only


def remove(apps, schema_editor):
    append_only.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0002_texts_and_requests'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, remove),
    ]
