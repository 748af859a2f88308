"""Who has another level than everything chose so, or joined where that is usual: it is theirs there, whatever they may
come to choose everywhere."""

from django.db import migrations

SWITCHES = {  # as `preferences.inbox_levels` has them
    "participating": {"mine": "on", "watched": "on", "everything": "off"},
    "muted": {"mine": "off", "watched": "off", "everything": "off"},
}


def keep(apps, schema_editor):
    for level, switches in SWITCHES.items():
        for kind, value in switches.items():
            schema_editor.execute(
                "INSERT INTO preferences_preference (user_id, organization_id, channel, kind, value) "
                "SELECT user_id, organization_id, 'inbox', %s, %s FROM orgs_membership WHERE level = %s",
                [kind, value, level],
            )


class Migration(migrations.Migration):
    dependencies = [("preferences", "0001_initial"), ("orgs", "0008_levels")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
