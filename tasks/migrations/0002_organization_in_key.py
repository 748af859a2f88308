"""The organization stands in the key of tasks, on PostgreSQL: it is built while people go on, and takes the place of the
other one at once. Django knows a task by its id, on both databases."""

from django.db import migrations


def _exchange(schema_editor, columns):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS task_key")
        schema_editor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY task_key ON tasks_task ({columns})")
        schema_editor.execute(
            "ALTER TABLE tasks_task DROP CONSTRAINT tasks_task_pkey, "
            "ADD CONSTRAINT tasks_task_pkey PRIMARY KEY USING INDEX task_key"
        )


def forwards(apps, schema_editor):
    _exchange(schema_editor, "id, organization_id")


def backwards(apps, schema_editor):
    _exchange(schema_editor, "id")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("tasks", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
