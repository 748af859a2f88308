"""Each event says how many of its save are told with it; those that are there were told one by one. A plain new column
with a default, which neither database writes into the rows: Django would remake the whole table on SQLite."""

from django.db import migrations, models

ADD = "ALTER TABLE events_taskevent ADD COLUMN parts smallint DEFAULT 1 NOT NULL"
DROP = "ALTER TABLE events_taskevent DROP COLUMN parts"


class Migration(migrations.Migration):

    dependencies = [
        ("events", "0009_texts_have_their_events"),
    ]

    operations = [
        migrations.RunSQL(
            ADD,
            DROP,
            state_operations=[
                migrations.AddField("taskevent", "parts", models.SmallIntegerField(default=1, db_default=1))
            ],
        ),
    ]
