"""Every text that there is has its event: looked through without holding up writers."""

from django.db import migrations


def validate(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE events_eventtext VALIDATE CONSTRAINT text_of_event")


class Migration(migrations.Migration):

    dependencies = [
        ("events", "0008_organization_in_keys"),
    ]

    operations = [
        migrations.RunPython(validate, migrations.RunPython.noop),
    ]
