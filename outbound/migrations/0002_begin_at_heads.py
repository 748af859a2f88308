from django.db import migrations

from followers.batches import begin_at_heads


def begin(apps, schema_editor):
    begin_at_heads("mail", apps.get_model("events", "LogHead").objects.all())


class Migration(migrations.Migration):
    """Mail tells of what happens from now on."""

    dependencies = [
        ("outbound", "0001_initial"),
        ("followers", "0001_initial"),
        ("events", "0011_comments_found"),
    ]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
