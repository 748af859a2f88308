"""Each event says through which token it was done. A plain new column, which neither database writes into the rows:
Django would remake the whole table on SQLite."""

from django.db import migrations, models

ADD = "ALTER TABLE events_taskevent ADD COLUMN via varchar(20) NULL"
DROP = "ALTER TABLE events_taskevent DROP COLUMN via"


class Migration(migrations.Migration):

    dependencies = [
        ("events", "0012_archive"),
    ]

    operations = [
        migrations.RunSQL(
            ADD,
            DROP,
            state_operations=[
                migrations.AddField("taskevent", "via", models.CharField(default=None, max_length=20, null=True))
            ],
        ),
    ]
